import GatewayDomain
import TestSupport
import Testing

@testable import Gateway

@Suite("ClientSession")
struct ClientSessionTests {
    /// There is one for each connection: a member more, or one in the wrong order, is seen here.
    @Test func isASmallBlock() {
        let session = ClientSession(
            principal: .guest,
            events: TokenBucket(rule: TokenBucket.Rule(rate: 1, burst: 1), now: .zero),
            lease: nil
        )
        #expect(instanceSize(of: session) <= 104)
    }

    @Test func whatAConnectionKnowsOfItsTokenIsSharedWithWhoeverKnowsIt() {
        #expect(MemoryLayout<Principal>.size == 8)
    }
}
