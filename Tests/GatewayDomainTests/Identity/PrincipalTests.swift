import GatewayDomain
import Testing

@Suite("Principal")
struct PrincipalTests {
    private let alice = UserID("alice-0001")

    private func principal(role: String? = "trader", groups: [String] = ["g"], token: TokenID? = "t", until: Int64? = 9, since: Int64? = 1)
        -> Principal
    {
        Principal(userID: alice, role: role, groups: groups, tokenID: token, expiresAt: until, issuedAt: since)
    }

    @Test func saysWhatItWasMadeOf() {
        let principal = principal()
        #expect(principal.userID == alice)
        #expect(principal.role == "trader")
        #expect(principal.groups == ["g"])
        #expect(principal.tokenID == "t")
        #expect(principal.expiresAt == 9)
        #expect(principal.issuedAt == 1)
        #expect(!principal.isGuest)
        let guest = Principal.guest
        #expect(guest.isGuest && guest.role == nil && guest.groups.isEmpty && guest.tokenID == nil)
        #expect(guest.expiresAt == nil && guest.issuedAt == nil)
    }

    @Test func equalIsWhoSaysTheSame() {
        #expect(principal() == principal())
        #expect(principal().hashValue == principal().hashValue)
        let others = [
            principal(role: nil), principal(groups: []), principal(token: nil), principal(until: nil), principal(until: 0),
            principal(since: nil), principal(since: 0),
            Principal(userID: UserID("bob-000002"), role: "trader", groups: ["g"], tokenID: "t", expiresAt: 9, issuedAt: 1),
        ]
        #expect(!others.contains(principal()))
        #expect(Set(others).count == others.count)
    }
}
