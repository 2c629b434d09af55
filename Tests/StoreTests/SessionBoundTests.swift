import Foundation
import GRDB
import GatewayDomain
import Testing

@testable import Store

/// How many sessions a user may have, and how many access tokens a session.
@Suite struct SessionBoundTests {
    private func now(_ fixture: Fixture) -> Int64 { Int64(fixture.clock.now.timeIntervalSince1970 * 1000) }

    @Test func aLoginTooManyEndsTheOldestSession() async throws {
        let fixture = try await Fixture()
        let bob = try await fixture.store.findOrCreateUser(privyDID: "did:privy:bob", displayName: nil)
        let bobs = try await fixture.store.startSession(of: bob.id, rotates: false).grant
        var starts: [SessionStart] = []
        for index in 0..<101 {
            // Some at the same time, and one while the clock is set back: what counts is which came last.
            if index % 10 == 0 { fixture.clock.advance(by: index == 100 ? -500 : 1) }
            let start = try await fixture.store.startSession(of: fixture.user.id, rotates: false)
            let token = SessionAccessToken(id: "live-\(index)", expiresAt: now(fixture) + 900_000)
            try await fixture.store.record(token, in: start.grant.session)
            let old = SessionAccessToken(id: "old-\(index)", expiresAt: now(fixture) + 1)
            try await fixture.store.record(old, in: start.grant.session)
            starts.append(start)
        }
        #expect(starts.prefix(100).allSatisfy { $0.endedSessions == 0 && $0.endedAccessTokens.isEmpty })
        #expect(starts[100].endedSessions == 1)
        #expect(starts[100].endedAccessTokens.contains { $0.id == "live-0" })
        #expect(starts[100].endedAccessTokens.allSatisfy { $0.id.hasSuffix("-0") })

        #expect(try await fixture.store.use(starts[0].grant.token, rotates: false) == .refused(.unknown))
        #expect(try await fixture.use(starts[1].grant.token) == starts[1].grant.token)
        #expect(try await fixture.use(starts[100].grant.token) == starts[100].grant.token)
        #expect(try await fixture.use(bobs.token) == bobs.token)
        let sessions = try await fixture.store.read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM sessions WHERE user_id = ?", arguments: [fixture.user.id.rawValue])
        }
        #expect(sessions == 100)
    }

    @Test func sessionsThatNobodyUsesGoBeforeThoseInUse() async throws {
        let fixture = try await Fixture()
        let phone = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        let idle = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        for grant in [phone, idle] {
            try await fixture.store.record(
                SessionAccessToken(id: grant.session.rawValue, expiresAt: now(fixture) + 900_000),
                in: grant.session
            )
        }
        fixture.clock.advance(by: 900)
        try await fixture.store.record(SessionAccessToken(id: "anew", expiresAt: now(fixture) + 900_000), in: phone.session)
        for _ in 0..<99 { _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false) }
        #expect(try await fixture.store.use(idle.token, rotates: false) == .refused(.unknown))
        #expect(try await fixture.use(phone.token) == phone.token)
    }

    @Test func sessionsThatWereRevokedGoFirst() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.store.startSession(of: fixture.user.id, rotates: false).grant
        fixture.clock.advance(by: 1)
        let copied = try await fixture.store.startSession(of: fixture.user.id, rotates: true).grant
        _ = try #require(try await fixture.use(copied.token))
        fixture.clock.advance(by: 31)
        #expect(try await fixture.store.use(copied.token, rotates: true) == .refused(.reused([])))
        for _ in 0..<98 { _ = try await fixture.store.startSession(of: fixture.user.id, rotates: false) }
        #expect(try await fixture.store.startSession(of: fixture.user.id, rotates: false).endedSessions == 1)
        #expect(try await fixture.store.use(copied.token, rotates: true) == .refused(.unknown))
        #expect(try await fixture.use(first.token) == first.token)
    }

    @Test(arguments: [false, true])
    func aSessionWithTooManyAccessTokensWaitsForOneToExpire(rotates: Bool) async throws {
        let fixture = try await Fixture()
        let grant = try await fixture.store.startSession(of: fixture.user.id, rotates: rotates).grant
        let other = try await fixture.store.startSession(of: fixture.user.id, rotates: rotates).grant
        for index in 0..<60 {
            let token = SessionAccessToken(id: "\(index)", expiresAt: now(fixture) + 900_000 + Int64(index))
            try await fixture.store.record(token, in: grant.session)
        }
        let next = try #require(try await fixture.use(grant.token))
        #expect((next == grant.token) == !rotates)
        try await fixture.store.record(SessionAccessToken(id: "60", expiresAt: now(fixture) + 1_800_000), in: grant.session)
        for token in [next, grant.token] {
            #expect(try await fixture.store.use(token, rotates: rotates) == .refused(.tooMany(retryAfter: .seconds(900))))
        }
        #expect(try await fixture.use(other.token) != nil)

        // The refusal has replaced nothing, and hides no reuse.
        fixture.clock.advance(by: 900)
        let later = try #require(try await fixture.use(next))
        #expect((later == next) == !rotates)
        if rotates {
            guard case .refused(.reused(let live)) = try await fixture.store.use(grant.token, rotates: true) else {
                Issue.record("a token that was replaced long ago is good")
                return
            }
            #expect(live.count == 60)
        }
    }
}
