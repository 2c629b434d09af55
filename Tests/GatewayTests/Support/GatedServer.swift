import EngineIO
import GatewayDomain
import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOClient
import Synchronization

@testable import Gateway

/// A Socket.IO server behind an ``EventGate`` whose clock the test moves.
final class GatedServer: Sendable {
    let counters = GatewayCounters()
    private let time = Mutex(Duration.zero)
    private let port = Mutex(0)

    func advance(by duration: Duration) { time.withLock { $0 += duration } }

    func connect() async throws -> SocketIOClient {
        try await SocketIOClient.connect(url: "http://127.0.0.1:\(port.withLock { $0 })", options: TestGateway.patience)
    }

    static func run(_ limits: GatewayLimits, _ body: (GatedServer) async throws -> Void) async throws {
        let gated = GatedServer()
        let gate = EventGate(limits: limits, counters: gated.counters, uptime: { gated.time.withLock { $0 } })
        var namespace = NamespaceDefinition()
        namespace.use { request in
            let bucket = TokenBucket(rule: limits.clientEvents, now: gated.time.withLock { $0 })
            request.data = ClientSession(principal: .guest, events: bucket, lease: nil)
        }
        namespace.onEachEvent { gate.allows($0, event: $1, ack: $2) }
        namespace.on("work") { socket, _, ack in if let ack { ack.send(json: "1") } else { socket.emit("done", json: "1") } }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = SocketIOServer(group: group, namespaces: ["/": namespace], logger: Logger(label: "test"))
        let listener = try await server.start(host: "127.0.0.1", port: 0)
        gated.port.withLock { $0 = listener.address?.port ?? 0 }
        let result: Result<Void, any Error>
        do { result = .success(try await body(gated)) } catch { result = .failure(error) }
        await listener.close()
        await server.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }
}
