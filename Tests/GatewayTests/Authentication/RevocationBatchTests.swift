import GatewayDomain
import Testing

@testable import Gateway

@Suite("RevocationBatch")
struct RevocationBatchTests {
    /// Whom each of them ends, alone and among others, is what `Principal.isEnded(by:)` says.
    @Test func endsWhomOneOfItsRevocationsEnds() throws {
        let users = [try #require(UserID("alice-0001")), try #require(UserID("bob-000002"))]
        var principals = [Principal.guest]
        for user in users {
            for token in [nil, "a", "b"] as [TokenID?] {
                for issuedAt: Int64? in [nil, 10, 20, 30] { principals.append(Principal(userID: user, tokenID: token, issuedAt: issuedAt)) }
            }
        }
        var revocations = (["a", "c"] as [TokenID]).map { Revocation(subject: .token(id: $0), revokedAt: 20, expiresAt: 100) }
        for user in users {
            for revokedAt: Int64 in [20, 9, 30, 10] {
                revocations.append(Revocation(subject: .user(user), revokedAt: revokedAt, expiresAt: 100))
            }
        }
        #expect(RevocationBatch().isEmpty)
        for some in 0..<(1 << revocations.count) {
            let chosen = revocations.indices.filter { some & (1 << $0) != 0 }.map { revocations[$0] }
            var batch = RevocationBatch()
            for revocation in chosen { batch.add(revocation) }
            #expect(batch.isEmpty == chosen.isEmpty)
            let wrong = principals.filter { principal in batch.ends(principal) != chosen.contains { principal.isEnded(by: $0) } }
            #expect(wrong == [], "\(chosen)")
        }
    }
}
