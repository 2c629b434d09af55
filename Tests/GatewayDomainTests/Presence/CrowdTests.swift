import GatewayDomain
import Testing

@Suite("Crowd")
struct CrowdTests {
    private let alice: UserID
    private let bob: UserID

    init() throws {
        alice = try #require(UserID("alice-0001"))
        bob = try #require(UserID("bob-000002"))
    }

    private func connect(_ user: UserID, to crowd: inout Crowd) -> Bool { crowd.connected(user) }
    private func expire(_ crowd: inout Crowd, _ now: Int64) -> [UserID] { crowd.expire(now: now).map(\.user) }

    @Test func aUserIsNewOnceAndGoneAfterTheLastDevice() {
        var crowd = Crowd(linger: 5000)
        #expect(connect(alice, to: &crowd))
        #expect(!connect(alice, to: &crowd))
        crowd.disconnected(alice, now: 1000)
        #expect(crowd.nextDeadline == nil)
        crowd.disconnected(alice, now: 2000)
        #expect(crowd.nextDeadline == 7000)
        #expect(expire(&crowd, 6999).isEmpty)
        #expect(crowd.contains(alice))
        let gone = crowd.expire(now: 7000)
        #expect(gone.map(\.user) == [alice])
        #expect(gone.map(\.goneAt) == [2000])
        #expect(!crowd.contains(alice))
        #expect(connect(alice, to: &crowd))
    }

    @Test func whoComesBackInTimeWasNeverGone() {
        var crowd = Crowd(linger: 5000)
        _ = crowd.connected(alice)
        _ = crowd.connected(bob)
        crowd.disconnected(alice, now: 0)
        crowd.disconnected(bob, now: 0)
        #expect(!connect(alice, to: &crowd))
        #expect(expire(&crowd, 5000) == [bob])
        crowd.disconnected(alice, now: 6000)
        #expect(expire(&crowd, 10_999).isEmpty)
        #expect(expire(&crowd, 11_000) == [alice])
        #expect(crowd.count == 0)
    }

    @Test func whoIsNotThereCannotGo() {
        var crowd = Crowd(linger: 5000)
        crowd.disconnected(alice, now: 0)
        #expect(crowd.nextDeadline == nil)
        #expect(crowd.users.isEmpty)
    }
}
