import EngineIOCore
import Logging
import NIOCore
import NIOPosix
import TestSupport

@testable import EngineIO

/// A server on a loopback port, for the time of one test.
struct EchoServer: Sendable {
    let server: EngineServer
    let listener: EngineListener
    let application: EchoApplication
    let address: SocketAddress

    static func run(
        loops: Int = 1,
        _ configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EchoServer) async throws -> Void
    ) async throws {
        var configuration = EngineConfiguration()
        // A test on a busy machine may pause longer than a browser.
        configuration.keepAliveTimeout = .seconds(60)
        configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let application = EchoApplication()
        let server = EngineServer(group: group, configuration: configuration, application: application, logger: Logger(label: "test"))
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        guard let address = listener.address else { throw WaitError(description: "no address") }
        let result: Result<Void, any Error>
        do {
            try await body(EchoServer(server: server, listener: listener, application: application, address: address))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    func connect() async throws -> RawConnection { try await RawConnection.open(address) }
    func webSocket() async throws -> RawConnection { try await RawConnection.webSocket(address) }

    /// Waits until a session has ended for `reason`.
    func closed(_ reason: CloseReason) async throws {
        try await application.wait(on: server.eventLoops[0], "the end of a session: \(reason)") { $0.closed.contains(reason) }
    }

    /// Waits until whatever the loops are at is over. A client may know of its session a moment before the application does.
    func settled() async throws {
        for loop in server.eventLoops { try await loop.submit {}.get() }
    }

    /// The open sessions.
    func connections() async throws -> [EngineConnection] {
        try await settled()
        return application.connections
    }

    /// Sends frames to every open session, in one pass of each loop.
    func broadcast(_ frames: OutboundFrame...) async throws {
        let connections = try await connections()
        for loop in server.eventLoops {
            try await loop.submit {
                for connection in connections where connection.eventLoop === loop { for frame in frames { connection.send(frame) } }
            }.get()
        }
    }

    /// Sends every open session what it has missed.
    func send(missed frames: [OutboundFrame]) async throws {
        for connection in try await connections() {
            try await connection.eventLoop.submit { connection.send(missed: frames) }.get()
        }
    }

    /// Waits until the kernel takes no more of what a client is sent.
    func waiting() async throws {
        try await application.wait(on: server.eventLoops[0], "a full kernel") { $0.waiting > 0 }
    }

    /// Waits until nothing of a closed session is kept any more.
    func forgotten() async throws {
        try await until("the last packets are still there") { loop in loop.sessions.allSatisfy { !$0.isClosed } }
    }

    /// Waits until every open session has a GET that waits for something to send.
    func pollIsPending() async throws {
        try await until("no poll is pending") { loop in loop.sessions.allSatisfy { $0.isClosed || $0.isWritable } }
    }

    /// Waits until `isMet` holds on every loop.
    private func until(_ complaint: String, _ isMet: @escaping @Sendable (EngineLoop) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        for loop in server.loops {
            while try await !loop.eventLoop.submit({ isMet(loop) }).get() {
                guard ContinuousClock.now < deadline else { throw WaitError(description: complaint) }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Waits until no session is open.
    func idle() async throws {
        try await application.wait(on: server.eventLoops[0], "the end of all sessions") { $0.open == 0 }
    }
}
