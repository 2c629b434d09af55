import Foundation
import GRDB
import GatewayDomain
import Testing

@testable import Store

/// Sessions in SQLite: rotation, grace, reuse, expiry, logout.
@Suite struct SessionTests {
    @Test func withoutRotationTheTokenStaysTheSame() async throws {
        let fixture = try await Fixture()
        let grant = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        #expect(grant.user == fixture.user)
        for _ in 0..<3 {
            fixture.clock.advance(by: 600)
            #expect(try await fixture.use(grant.token) == grant.token)
        }
        fixture.clock.advance(by: 1800)
        #expect(try await fixture.store.use(grant.token, rotates: false) == .refused(.expired))
    }

    @Test func withRotationEachUseGivesANewToken() async throws {
        let fixture = try await Fixture()
        var token = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        var seen: Set<RefreshToken> = [token]
        for _ in 0..<4 {
            // Each token lasts an hour from when it was given out.
            fixture.clock.advance(by: 3000)
            token = try #require(try await fixture.use(token))
            #expect(seen.insert(token).inserted)
        }
    }

    @Test func withinTheGraceTheSameSuccessorIsAnswered() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        let second = try #require(try await fixture.use(first))
        fixture.clock.advance(by: 30)
        #expect(try await fixture.use(first) == second)
        let third = try #require(try await fixture.use(second))
        #expect(third != second)
    }

    @Test func usesAtOnceGetOneSuccessor() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try await Fixture(.file(directory.url.appending(path: "moonx.sqlite")))
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        let successors = try await withThrowingTaskGroup(of: RefreshToken?.self) { group in
            for _ in 0..<20 { group.addTask { try await fixture.use(first) } }
            return try await group.reduce(into: Set<RefreshToken?>()) { $0.insert($1) }
        }
        #expect(successors.count == 1)
        #expect(successors.first != .some(nil))
    }

    @Test func laterReuseRevokesTheWholeSession() async throws {
        let fixture = try await Fixture()
        let other = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        let grant = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant
        let live = SessionAccessToken(id: "live", expiresAt: Int64(fixture.clock.now.timeIntervalSince1970 * 1000) + 900_000)
        let old = SessionAccessToken(id: "old", expiresAt: Int64(fixture.clock.now.timeIntervalSince1970 * 1000) + 30_000)
        try await fixture.store.record(live, in: grant.session)
        try await fixture.store.record(old, in: grant.session)
        let second = try #require(try await fixture.use(grant.token))
        fixture.clock.advance(by: 30.001)
        #expect(try await fixture.store.use(grant.token, rotates: true) == .refused(.reused([live])))
        #expect(try await fixture.store.use(grant.token, rotates: true) == .refused(.revoked))
        #expect(try await fixture.store.use(second, rotates: true) == .refused(.revoked))
        await #expect(throws: StoreError.self) { try await fixture.store.record(live, in: grant.session) }
        #expect(try await fixture.use(other) != nil)
    }

    @Test func aSessionMayStartToRotateLater() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant.token
        let second = try #require(try await fixture.use(first, rotates: true))
        #expect(second != first)
        #expect(try await fixture.use(second, rotates: false) != second)
    }

    @Test func unknownTokensAreRefused() async throws {
        let fixture = try await Fixture()
        let token = RefreshToken(bytes: [UInt8](repeating: 9, count: 32))
        #expect(try await fixture.store.use(token, rotates: false) == .refused(.unknown))
        #expect(try await fixture.store.endSession(of: token) == nil)
        #expect(try await fixture.store.endSession(ofAccessToken: "absent") == nil)
    }

    @Test func endingASessionEndsItsTokens() async throws {
        let fixture = try await Fixture()
        let grant = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant
        let other = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant
        let accessToken = SessionAccessToken(id: "one", expiresAt: Int64(fixture.clock.now.timeIntervalSince1970 * 1000) + 900_000)
        try await fixture.store.record(accessToken, in: grant.session)
        let second = try #require(try await fixture.use(grant.token))
        // By any of its tokens, here the replaced one.
        #expect(try await fixture.store.endSession(of: grant.token) == [accessToken])
        #expect(try await fixture.store.use(second, rotates: true) == .refused(.unknown))
        #expect(try await fixture.use(other.token) != nil)
    }

    @Test func aSessionEndsByItsAccessTokenToo() async throws {
        let fixture = try await Fixture()
        let grant = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        let accessToken = SessionAccessToken(id: "one", expiresAt: Int64(fixture.clock.now.timeIntervalSince1970 * 1000) + 900_000)
        try await fixture.store.record(accessToken, in: grant.session)
        #expect(try await fixture.store.endSession(ofAccessToken: "one") == [accessToken])
        #expect(try await fixture.store.use(grant.token, rotates: false) == .refused(.unknown))
    }

    @Test func allSessionsOfAUserEnd() async throws {
        let fixture = try await Fixture()
        let bob = try await fixture.store.findOrCreateUser(privyDID: "did:privy:bob", displayName: nil)
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        let second = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant
        let bobs = try await fixture.store.startSession(of: bob.id, rotates: false).grant
        try await fixture.store.endSessions(of: fixture.user.id)
        #expect(try await fixture.use(first.token) == nil)
        #expect(try await fixture.use(second.token) == nil)
        #expect(try await fixture.use(bobs.token) == bobs.token)
    }

    @Test func onlyHashesAreStored() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "moonx.sqlite")
        let fixture = try await Fixture(.file(file))
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        let second = try #require(try await fixture.use(first))
        try fixture.store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.url.path) {
            let contents = try Data(contentsOf: directory.url.appending(path: name))
            for token in [first, second] {
                #expect(contents.range(of: Data(token.rawValue.utf8)) == nil)
                #expect(contents.range(of: Data(token.rawValue.utf8.dropFirst(4))) == nil)
            }
        }
    }

    @Test func oldSessionsAreForgotten() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        fixture.clock.advance(by: 3600 + 86_400)
        _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        let counts = try await fixture.store.read { database in
            [
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sessions"),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM refresh_tokens"),
            ]
        }
        #expect(counts == [1, 1])
    }

    /// With many sessions a login would else look at all of them.
    @Test func aLoginForgetsSomeOldSessionsAndLooksAtNoOthers() async throws {
        let fixture = try await Fixture()
        for _ in 0..<50 { _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant }
        fixture.clock.advance(by: 3600 + 86_400)
        var left: [Int] = []
        for _ in 0..<4 {
            _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
            left.append(try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sessions") ?? 0 })
        }
        #expect(left == [31, 12, 3, 4])
    }

    @Test func aSessionLivesAsLongAsOneOfItsTokens() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant.token
        fixture.clock.advance(by: 3599)
        var token = try #require(try await fixture.use(first))
        for _ in 0..<25 {
            fixture.clock.advance(by: 3599)
            token = try #require(try await fixture.use(token))
        }
        // The first token has been forgotten by now, and is not said to be used again.
        #expect(try await fixture.store.use(first, rotates: true) == .refused(.unknown))
        #expect(try await fixture.use(token) != nil)
    }
}
