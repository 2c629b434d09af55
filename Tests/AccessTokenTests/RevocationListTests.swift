import Foundation
import GatewayDomain
import Synchronization
import Testing

@testable import AccessToken

@Suite struct RevocationListTests {
    private let alice = UserID("alice-0001")!
    private let bob = UserID("bob-00001")!

    /// Before all revocations here expire.
    private let early: @Sendable () -> Date = { Date(timeIntervalSince1970: 8999) }

    private func token(_ user: UserID, _ id: TokenID?, issuedAt: Int64?) -> VerifiedAccessToken {
        VerifiedAccessToken(userID: user, tokenID: id, role: nil, groups: [], expiresAt: 9_000_000, issuedAt: issuedAt)
    }

    @Test func oneTokenIsRevokedByItsID() {
        let list = RevocationList([Revocation(subject: .token(id: "a"), revokedAt: 1000, expiresAt: 9_000_000)], now: early)
        #expect(list.isRevoked(token(alice, "a", issuedAt: 2000)))
        #expect(!list.isRevoked(token(alice, "b", issuedAt: 500)))
        #expect(!list.isRevoked(token(alice, nil, issuedAt: 500)))
    }

    @Test func aUsersEarlierTokensAreRevokedAndLaterOnesAreNot() {
        let list = RevocationList(now: early)
        list.add(Revocation(subject: .user(alice), revokedAt: 1000, expiresAt: 9_000_000))
        #expect(list.isRevoked(token(alice, "a", issuedAt: 1000)))
        #expect(list.isRevoked(token(alice, "a", issuedAt: nil)))
        #expect(!list.isRevoked(token(alice, "a", issuedAt: 1001)))
        #expect(!list.isRevoked(token(bob, "a", issuedAt: 1000)))
    }

    @Test func theLaterOfTwoRevocationsCounts() {
        let list = RevocationList(now: early)
        list.add(Revocation(subject: .user(alice), revokedAt: 2000, expiresAt: 9_000_000))
        list.add(Revocation(subject: .user(alice), revokedAt: 1000, expiresAt: 9_000_000))
        #expect(list.isRevoked(token(alice, "a", issuedAt: 1500)))
        #expect(list.count == 1)
    }

    /// A token that does not say when it was issued may be younger than the revocation of its user.
    /// A session that was saved with such a token may be asked for an hour later.
    @Test func aRevocationEndsNothingAnHourAfterItHasExpired() {
        let time = Mutex(12_599.999)
        let list = RevocationList(now: { Date(timeIntervalSince1970: time.withLock { $0 }) })
        list.add(Revocation(subject: .user(alice), revokedAt: 1000, expiresAt: 9_000_000))
        list.add(Revocation(subject: .token(id: "a"), revokedAt: 1000, expiresAt: 9_000_000))
        #expect(list.isRevoked(token(alice, nil, issuedAt: nil)))
        #expect(list.isRevoked(token(bob, "a", issuedAt: nil)))
        time.withLock { $0 = 12_600 }
        #expect(!list.isRevoked(token(alice, nil, issuedAt: nil)))
        #expect(!list.isRevoked(token(bob, "a", issuedAt: nil)))
        // Of a token and a user it is enough that one holds.
        list.add(Revocation(subject: .user(bob), revokedAt: 1000, expiresAt: 9_000_001))
        #expect(list.isRevoked(token(bob, "a", issuedAt: nil)))
    }

    @Test func expiredRevocationsAreForgotten() {
        let list = RevocationList(now: { Date(timeIntervalSince1970: 3610) })
        for index in 0..<5000 {
            list.add(Revocation(subject: .token(id: "\(index)"), revokedAt: 0, expiresAt: index < 10 ? 20_000 : 5000))
        }
        #expect(list.count < 1024)
        #expect(list.isRevoked(token(alice, "9", issuedAt: 0)))
    }
}
