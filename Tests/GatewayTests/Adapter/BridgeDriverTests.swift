import NIOCore
import SocketIO
import SocketIOCore
import Synchronization
import Testing

@testable import Gateway

@Suite("BridgeDriver")
struct BridgeDriverTests {
    /// Hands over what a test says, and writes down what is answered.
    private final class Recorder: ClusterDriver {
        private let receive = Mutex<(@Sendable (ClusterMessage) -> Void)?>(nil)
        private let sent = Mutex<[(message: ClusterMessage, server: String)]>([])

        var answers: [(message: ClusterMessage, server: String)] { sent.withLock { $0 } }

        func hand(_ message: ClusterMessage) { receive.withLock { $0 }?(message) }

        func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
            self.receive.withLock { $0 = receive }
        }

        func leave(_ namespace: String, as server: String) {}
        func publish(_ message: ClusterMessage) {}
        func respond(_ message: ClusterMessage, to server: String) { sent.withLock { $0.append((message, server)) } }
    }

    private let recorder = Recorder()
    private let counters = GatewayCounters()
    private let driver: BridgeDriver<Recorder>
    private let admitted = Admitted()

    private final class Admitted: Sendable {
        let count = Atomic<Int>(0)
    }

    init() {
        driver = BridgeDriver(recorder, rules: BridgeRules(maximumBytes: 100), counters: counters)
        driver.join("/", as: "us") { [admitted] _ in admitted.count.add(1, ordering: .relaxed) }
    }

    private func hand(_ body: ClusterMessage.Body, from sender: String = "a") {
        recorder.hand(ClusterMessage(sender: sender, namespace: "/", body: body))
    }

    private var refused: Int { counters.current.cluster[.bridgeRefused] ?? 0 }

    private static let inside = ClusterOptions(rooms: ["@x"])
    private static let event = ClusterEvent(array: ByteBuffer(string: #"["e"]"#))

    @Test func aRefusedQuestionIsAnsweredAsByWhoHasNobody() {
        hand(.fetchSockets(Self.inside, requestID: "q"))
        hand(.broadcast(Self.event, Self.inside, requestID: "r"))
        #expect(
            recorder.answers.map(\.message.body) == [
                .fetchSocketsResponse(requestID: "q", sockets: []), .broadcastClientCount(requestID: "r", count: 0),
            ]
        )
        #expect(recorder.answers.allSatisfy { $0.server == "a" && $0.message.sender == "us" && $0.message.namespace == "/" })
        #expect(refused == 2 && admitted.count.load(ordering: .relaxed) == 0)
    }

    @Test func whatAsksForNoAnswerGetsNone() {
        hand(.broadcast(Self.event, Self.inside, requestID: nil))
        hand(.disconnectSockets(Self.inside, close: true))
        hand(.socketsJoin(ClusterOptions(), rooms: ["@x"]))
        // One's own.
        hand(.fetchSockets(Self.inside, requestID: "q"), from: "us")
        #expect(recorder.answers.isEmpty && refused == 4)
    }

    @Test func whatIsAdmittedIsAnsweredByWhoGetsIt() {
        hand(.fetchSockets(ClusterOptions(), requestID: "q"))
        #expect(recorder.answers.isEmpty && refused == 0 && admitted.count.load(ordering: .relaxed) == 1)
    }
}
