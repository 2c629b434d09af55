import Crypto
import Foundation
import GRDB
import GatewayDomain
import Testing

@testable import Store

/// Users, revocations, and the file itself.
@Suite struct SQLiteStoreTests {
    @Test func aUserIsFoundAgain() async throws {
        let fixture = try await Fixture()
        fixture.clock.advance(by: 60)
        let again = try await fixture.store.findOrCreateUser(privyDID: "did:privy:alice", displayName: nil)
        #expect(again == fixture.user)
        #expect(again.createdAt == 1_800_000_000_000)
        #expect(try await fixture.store.user(id: fixture.user.id) == fixture.user)
        let renamed = try await fixture.store.findOrCreateUser(privyDID: "did:privy:alice", displayName: "Alice B.")
        #expect(renamed.id == fixture.user.id)
        #expect(renamed.displayName == "Alice B.")
        let other = try await fixture.store.findOrCreateUser(privyDID: "did:privy:Alice", displayName: nil)
        #expect(other.id != fixture.user.id)
        #expect(try await fixture.store.user(id: try #require(UserID("nobody-0001"))) == nil)
    }

    @Test func userIDsAreLowerCaseUUIDs() async throws {
        let fixture = try await Fixture()
        let id = fixture.user.id.rawValue
        #expect(UUID(uuidString: id) != nil)
        #expect(id == id.lowercased())
    }

    @Test func loginsAtOnceMakeOneUser() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try await Fixture(.file(directory.url.appending(path: "moonx.sqlite")))
        let ids = try await withThrowingTaskGroup(of: UserID.self) { group in
            for _ in 0..<20 {
                group.addTask { try await fixture.store.findOrCreateUser(privyDID: "did:privy:carol", displayName: nil).id }
            }
            return try await group.reduce(into: Set<UserID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test func aSessionNeedsAUser() async throws {
        let fixture = try await Fixture()
        let nobody = try #require(UserID("nobody-0001"))
        await #expect(throws: StoreError.self) { try await fixture.store.startSession(of: nobody, rotates: false).grant }
    }

    @Test func revocationsLastUntilTheyExpire() async throws {
        let fixture = try await Fixture()
        let now = Int64(fixture.clock.now.timeIntervalSince1970 * 1000)
        let token = Revocation(subject: .token(id: "one"), revokedAt: now, expiresAt: now + 1000)
        let user = Revocation(subject: .user(fixture.user.id), revokedAt: now, expiresAt: now + 5000)
        try await fixture.store.add(token)
        try await fixture.store.add(user)
        #expect(Set(try await fixture.store.revocations()) == [token, user])
        fixture.clock.advance(by: 1)
        #expect(try await fixture.store.revocations() == [user])
        // An earlier one, arriving late, takes nothing back.
        try await fixture.store.add(Revocation(subject: .user(fixture.user.id), revokedAt: now - 1, expiresAt: now + 4000))
        #expect(try await fixture.store.revocations() == [user])
    }

    /// A service that is never restarted must not fill its disk.
    @Test func expiredRevocationsGoWhenOthersCome() async throws {
        let fixture = try await Fixture()
        func rows() async throws -> Int {
            try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM revocations") ?? -1 }
        }
        for number in 0..<50 {
            let now = Int64(fixture.clock.now.timeIntervalSince1970 * 1000)
            try await fixture.store.add(Revocation(subject: .token(id: "\(number)"), revokedAt: now, expiresAt: now + 10_000))
            fixture.clock.advance(by: 1)
        }
        #expect(try await rows() == 10)
    }

    @Test func theFileIsForItsOwnerOnlyAndKeepsWhatItHolds() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "moonx.sqlite")
        let fixture = try await Fixture(.file(file))
        let token = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.url.path)
        #expect(names.contains("moonx.sqlite-wal"))
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.url.appending(path: name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        // A second process with the same file.
        let second = try await Fixture(.file(file))
        #expect(second.user.id == fixture.user.id)
        let successor = try #require(try await second.use(token))
        #expect(try await fixture.use(token) == successor)
    }

    @Test func saysWhyAFileCannotBeOpened() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore(.file(directory.url.appending(path: "absent/moonx.sqlite")), successorKey: SymmetricKey(size: .bits256))
        }
        #expect(error?.code == .unavailable)
        let garbage = directory.url.appending(path: "garbage")
        try Data("this is no database, though it is long enough".utf8).write(to: garbage)
        let second = #expect(throws: StoreError.self) { try SQLiteStore(.file(garbage), successorKey: SymmetricKey(size: .bits256)) }
        #expect(second?.code == .unavailable)
    }
}
