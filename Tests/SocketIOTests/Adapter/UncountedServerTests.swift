import Logging
import NIOCore
import NIOPosix
import SocketIO
import SocketIOCore
import Synchronization
import Testing

/// Servers that nobody counts, such as python-socketio's: they answer, and nobody knows of them before.
@Suite("Servers that nobody counts", .timeLimit(.minutes(1)))
struct UncountedServerTests {
    /// One foreign server that answers each broadcast for two clients.
    private final class ForeignServer: ClusterDriver {
        let hasUncountedServers: Bool
        private let receive = Mutex<(@Sendable (ClusterMessage) -> Void)?>(nil)

        init(isUncounted: Bool) { hasUncountedServers = isUncounted }

        func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
            self.receive.withLock { $0 = receive }
        }
        func leave(_ namespace: String, as server: String) {}
        func respond(_ message: ClusterMessage, to server: String) {}
        func publish(_ message: ClusterMessage) {
            guard case .broadcast(_, _, let id?) = message.body else { return }
            for answer in ["1", "2"] {
                for body in [
                    ClusterMessage.Body.broadcastClientCount(requestID: id, count: 1),
                    .broadcastAck(requestID: id, answer: ByteBuffer(string: answer)),
                ] {
                    let answer = ClusterMessage(sender: ClusterMessage.emitter, namespace: message.namespace, body: body)
                    receive.withLock { $0 }?(answer)
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func whoIsAloneAsksThemToo(isUncounted: Bool) async throws {
        let driver = ForeignServer(isUncounted: isUncounted)
        let server = SocketIOServer(
            group: MultiThreadedEventLoopGroup.singleton,
            namespaces: ["/": NamespaceDefinition()],
            adapter: { ClusterAdapter($0, driver: driver) },
            logger: Logger(label: "test")
        )
        let question = ByteBuffer(string: "1")
        let answers = await server.of("/").emitWithAck("ask", json: question, timeout: .milliseconds(100))
        #expect(answers.map { String(buffer: $0.joined) } == (isUncounted ? ["1", "2"] : []))
        // Nobody elsewhere is meant.
        #expect(await server.of("/").local.emitWithAck("ask", json: question, timeout: .milliseconds(100)).isEmpty)
        await server.shutdown()
    }
}
