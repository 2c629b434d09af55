import EngineIO
import Logging
import NIOCore
import NIOPosix

/// The servers that the official test suites of the two protocols expect (socketio/socket.io, `docs/*-protocol/*-test-suite`).
///
///     ConformanceServer engine [event loops] [port]   # Engine.IO protocol 4, at /engine.io/
///     ConformanceServer engine3 [event loops] [port]  # Engine.IO protocols 3 and 4, at /engine.io/
///     ConformanceServer socket [event loops] [port]   # Socket.IO protocol 5, at /socket.io/
///     ConformanceServer browser [event loops] [port]  # Socket.IO with recovery, for the official browser client
///     ConformanceServer python [event loops] [port]   # the same without: other clients take an offset for an argument
///     ConformanceServer autobahn [event loops] [port] # a plain WebSocket echo, at /
///
/// One event loop unless told otherwise.
@main
enum ConformanceServer {
    static func main() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        let mode = arguments.popFirst()
        let loopCount = arguments.popFirst().map { Int($0) } ?? 1
        let port = arguments.popFirst().map { Int($0) } ?? 3000
        guard let loopCount, loopCount > 0, let port else { return usage() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)
        let listener: EngineListener
        switch mode {
        case "engine": listener = try await EchoScenario.start(group: group, port: port)
        case "autobahn": listener = try await AutobahnScenario.start(group: group, port: port)
        case "engine3": listener = try await EchoScenario.start(group: group, port: port, allowEIO3: true)
        case "browser": listener = try await BrowserScenario.start(group: group, port: port, recovers: true)
        case "python": listener = try await BrowserScenario.start(group: group, port: port, recovers: false)
        case "socket": listener = try await SocketScenario.start(group: group, port: port)
        default: return usage()
        }
        print("listening on \(listener.address.map { "\($0)" } ?? "an unknown address")")
        try await Task.sleep(for: .seconds(24 * 3600))
    }

    private static func usage() {
        print("usage: ConformanceServer engine|engine3|socket|browser|python|autobahn [event loops] [port]")
    }

    static let logger = Logger(label: "conformance")

    /// The settings that the suites measure against.
    static func configure(_ engine: inout EngineConfiguration) {
        engine.pingInterval = .milliseconds(300)
        engine.pingTimeout = .milliseconds(200)
        engine.maxPayload = 1_000_000
        engine.cors = .any
    }
}
