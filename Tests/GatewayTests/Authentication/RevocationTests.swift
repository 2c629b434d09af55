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
        return try await SocketIOClient.connect(url: gateway.url, auth: "{\"token\":\"\(token)\"}", options: TestGateway.patience)
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
            _ = try await client.event("authenticated", within: .seconds(30))
            await client.disconnect()
        }
    }

    @Test func onlyTheConnectionsItConcernsEnd() async throws {
        try await TestGateway.run { gateway in
            let alice = try await gateway.connect(TestGateway.alice)
            let bob = try await gateway.connect(TestGateway.bob)
            let user = try #require(UserID(TestGateway.alice))
            gateway.server.revoked(Revocation(subject: .user(user), revokedAt: .max, expiresAt: .max))
            #expect(await alice.waitUntilClosed() == .serverDisconnect)
            _ = try await bob.emitWithAck("ping", json: "{}", timeout: .seconds(30))
            await bob.disconnect()
        }
    }

    @Test func manyAtOnceEndTheConnectionsTheyConcernAndNoOthers() async throws {
        try await TestGateway.run { gateway in
            let user = try #require(UserID(TestGateway.alice))
            let issued = try await gateway.issuer.issue(userID: user, lifetime: .seconds(900))
            let auth = "{\"token\":\"\(issued.token)\"}"
            let byToken = try await SocketIOClient.connect(url: gateway.url, auth: auth, options: TestGateway.patience)
            let byUser = try await gateway.connect(TestGateway.bob)
            let others = [try await gateway.connect(TestGateway.alice), try await gateway.connect("carol-0003")]
            for number in 0..<5_000 {
                gateway.server.revoked(Revocation(subject: .token(id: "nobody's \(number)"), revokedAt: 0, expiresAt: .max))
            }
            gateway.server.revoked(Revocation(subject: .token(id: TokenID(issued.tokenID)), revokedAt: 0, expiresAt: .max))
            let bob = try #require(UserID(TestGateway.bob))
            gateway.server.revoked(Revocation(subject: .user(bob), revokedAt: .max, expiresAt: .max))
            for client in [byToken, byUser] { #expect(await client.waitUntilClosed() == .serverDisconnect) }
            for client in others {
                _ = try await client.emitWithAck("ping", json: "{}", timeout: .seconds(30))
                await client.disconnect()
            }
        }
    }

    @Test func aNewerTokenThatWasShownMeanwhileCounts() async throws {
        try await TestGateway.run { gateway in
            let user = try #require(UserID(TestGateway.alice))
            let issued = try await gateway.issuer.issue(userID: user, lifetime: .seconds(900))
            let client = try await SocketIOClient.connect(
                url: gateway.url,
                auth: "{\"token\":\"\(issued.token)\"}",
                options: TestGateway.patience
            )
            _ = try await client.event("authenticated", within: .seconds(30))
            let newer = try await gateway.issuer.issue(userID: user, lifetime: .seconds(900))
            try await client.emit("authenticate", json: "{\"token\":\"\(newer.token)\"}")
            _ = try await client.event("authenticated", within: .seconds(30))
            // That of the older token finds nobody, that of the newer one does.
            gateway.server.revoked(Revocation(subject: .token(id: TokenID(issued.tokenID)), revokedAt: 0, expiresAt: .max))
            let other = try await gateway.connect(TestGateway.bob)
            let bob = try #require(UserID(TestGateway.bob))
            gateway.server.revoked(Revocation(subject: .user(bob), revokedAt: .max, expiresAt: .max))
            #expect(await other.waitUntilClosed() == .serverDisconnect)
            _ = try await client.emitWithAck("ping", json: "{}", timeout: .seconds(30))
            gateway.server.revoked(Revocation(subject: .token(id: TokenID(newer.tokenID)), revokedAt: 0, expiresAt: .max))
            #expect(await client.waitUntilClosed() == .serverDisconnect)
        }
    }
}
