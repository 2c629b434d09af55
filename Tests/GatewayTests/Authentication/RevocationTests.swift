import AccessToken
import GatewayDomain
import SocketIOClient
import Synchronization
import Testing

@testable import Gateway

@Suite("Revocation of live connections", .timeLimit(.minutes(1)))
struct RevocationTests {
    /// Answers as if the token were revoked from the `first` question on.
    private final class Questions: Sendable {
        private let left: Mutex<Int>

        init(goodAnswers: Int) { left = Mutex(goodAnswers) }

        func isRevoked() -> Bool {
            left.withLock {
                $0 -= 1
                return $0 < 0
            }
        }
    }

    private func connect(_ gateway: TestGateway) async throws -> SocketIOClient {
        let token = try await gateway.token(TestGateway.alice)
        return try await SocketIOClient.connect(url: gateway.url, auth: "{\"token\":\"\(token)\"}")
    }

    @Test func aTokenRevokedBetweenItsVerificationAndTheConnectionIsNotServed() async throws {
        let questions = Questions(goodAnswers: 1)
        try await TestGateway.run(isRevoked: { _ in questions.isRevoked() }) { gateway in
            let client = try await connect(gateway)
            #expect(await client.waitUntilClosed() == .serverDisconnect)
        }
    }

    @Test func aTokenThatStaysGoodIsServed() async throws {
        let questions = Questions(goodAnswers: 2)
        try await TestGateway.run(isRevoked: { _ in questions.isRevoked() }) { gateway in
            let client = try await connect(gateway)
            _ = try await client.event("authenticated", within: .seconds(10))
            await client.disconnect()
        }
    }

    @Test func onlyTheConnectionsItConcernsEnd() async throws {
        try await TestGateway.run { gateway in
            let alice = try await gateway.connect(TestGateway.alice)
            let bob = try await gateway.connect(TestGateway.bob)
            gateway.server.disconnect { $0.userID?.rawValue == TestGateway.alice }
            #expect(await alice.waitUntilClosed() == .serverDisconnect)
            _ = try await bob.emitWithAck("ping", json: "{}")
            await bob.disconnect()
        }
    }
}
