import Crypto
import Foundation
import GatewayDomain
import Logging
import RedisClient
import RedisServers
import Synchronization
import Testing

@testable import Store

@Suite("RevocationStore", .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct RevocationStoreTests {
    private static let now: Int64 = 1_800_000_000_000

    /// A server of its own: the list is one for all.
    private func withStores(_ body: (RedisRevocations, RedisRevocations, RedisServer) async throws -> Void) async throws {
        try await RedisServer.run { server in
            let (first, second) = (try await SharedRedis.client(of: server), try await SharedRedis.client(of: server))
            let logger = Logger(label: "test")
            try await body(
                RedisRevocations(client: first, now: { Self.now }, logger: logger),
                RedisRevocations(client: second, now: { Self.now }, logger: logger),
                server
            )
            await first.shutdown()
            await second.shutdown()
        }
    }

    private func revocation(_ subject: Revocation.Subject, at offset: Int64 = 0, for lifetime: Int64 = 60_000) -> Revocation {
        Revocation(subject: subject, revokedAt: Self.now + offset, expiresAt: Self.now + offset + lifetime)
    }

    private final class Heard: Sendable {
        private let list = Mutex<[Revocation]>([])
        var all: [Revocation] { list.withLock { $0 } }
        func add(_ revocation: Revocation) { list.withLock { $0.append(revocation) } }
        func wait(for revocation: Revocation) async throws {
            while !all.contains(revocation) { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test func whoListensHearsWhatIsThereAndWhatComes() async throws {
        try await withStores { writer, reader, _ in
            let user = try #require(UserID("alice-0001"))
            try await writer.add(revocation(.user(user)))
            let heard = Heard()
            try await reader.listen { heard.add($0) }
            #expect(heard.all == [revocation(.user(user))])
            try await writer.add(revocation(.token(id: "a token: of spaces")))
            try await heard.wait(for: revocation(.token(id: "a token: of spaces")))
        }
    }

    @Test func theLaterMomentsCountAndTheExpiredAreForgotten() async throws {
        try await withStores { store, _, server in
            let user = try #require(UserID("alice-0001"))
            try await store.add(revocation(.user(user), at: 5, for: 100))
            try await store.add(revocation(.user(user), at: 3, for: 200))
            try await store.add(revocation(.token(id: "old"), at: -100, for: 100))
            #expect(try await store.revocations() == [Revocation(subject: .user(user), revokedAt: Self.now + 5, expiresAt: Self.now + 203)])
            try await store.add(revocation(.token(id: "new"), for: 1_000_000_000))
            #expect(try await server.cli("HLEN", StateKeys.revocations) == "2")
            #expect(try #require(Int(try await server.cli("PTTL", StateKeys.revocations))) > 0)
        }
    }

    @Test func whatWasRevokedDuringACutIsReadAfterIt() async throws {
        try await withStores { writer, reader, server in
            let heard = Heard()
            try await reader.listen { heard.add($0) }
            // The reader's connections are cut, and so are the writer's; which is back first does not matter.
            try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
            try await server.cli("CLIENT", "PAUSE", "50", "ALL")
            try await writer.add(revocation(.token(id: "unheard")))
            try await heard.wait(for: revocation(.token(id: "unheard")))
        }
    }

    @Test func redisIsToldWhatItLacks() async throws {
        try await withStores { store, reader, server in
            let user = try #require(UserID("alice-0001"))
            let known = [revocation(.user(user)), revocation(.token(id: "t"))]
            try await reader.listen(known: { known }) { _ in }
            #expect(Set(try await store.revocations()) == Set(known))
            // All data is lost, and the connections with it.
            try await server.cli("FLUSHALL")
            try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
            while Set(try await store.revocations()) != Set(known) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test func manyAreReadWhole() async throws {
        try await withStores { store, _, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<2_500 { group.addTask { [self] in try await store.add(revocation(.token(id: "t\(number)"))) } }
                try await group.waitForAll()
            }
            #expect(Set(try await store.revocations()).count == 2_500)
        }
    }
}
