import Foundation
import NIOCore
import SocketIO
import SocketIOCore
import Testing

/// The JavaScript client that `scripts/setup.sh test` fetches, run by Node. It keeps `pid` and offset by itself.
private enum StockClient {
    static let bundle = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../.cache/client/socket.io.min.js")
        .standardized
    static let node = URL(filePath: "/usr/bin/node")

    static var isThere: Bool { [bundle, node].allSatisfy { FileManager.default.isReadableFile(atPath: $0.path) } }

    /// Tells the server what it sees by the event `log`.
    private static let script = """
        const io = require(process.argv[1]);
        const socket = io(process.argv[2], {transports: ["websocket"], reconnectionDelay: 10, reconnectionDelayMax: 20});
        const log = (line) => socket.emit("log", line);
        socket.on("news", (number, offset) => log("news " + number));
        socket.on("connect", () => log("connect " + (socket.recovered === true) + " " + socket.id));
        """

    static func start(url: String) throws -> Process {
        let process = Process()
        process.executableURL = node
        process.arguments = ["--experimental-websocket", "-e", script, bundle.path, url]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

@Suite("Connection state recovery: the JavaScript client", .enabled(if: StockClient.isThere), .timeLimit(.minutes(1)))
struct StockClientTests {
    /// That CONNECT comes before what was missed, other than in the reference server, is all the same to it.
    @Test func itTakesItselfForRecovered() async throws {
        try await TestServer.run {
            $0.recovery = RecoveryConfiguration()
        } _: { namespace, journal in
            namespace.on("log") { socket, arguments, _ in
                journal.write((arguments.string(0) ?? "").replacing(socket.id, with: "<id>"))
            }
            namespace.onConnect { $0.join("a") }
            namespace.onDisconnect { socket, _, _ in
                // Sent while the client is away.
                socket.broadcast.to("a").emit("news", json: "0")
                for number in [2, 3] { socket.emit("news", json: "\(number)") }
                journal.write("away")
            }
        } _: { server in
            let process = try StockClient.start(url: server.url)
            defer { process.terminate() }
            #expect(try await server.journal.next() == "connect false <id>")
            server.server.of("/").to("a").emit("news", json: "1")
            #expect(try await server.journal.next() == "news 1")
            for loop in server.server.loops() {
                try await loop.eventLoop.submit { loop.forEachSocket { $0.closeTransport() } }.get()
            }
            #expect(try await server.journal.next() == "away")
            let rest = [try await server.journal.next(), try await server.journal.next(), try await server.journal.next()]
            #expect(rest == ["connect true <id>", "news 2", "news 3"])
            server.server.of("/").to("a").emit("news", json: "4")
            #expect(try await server.journal.next() == "news 4")
        }
    }
}
