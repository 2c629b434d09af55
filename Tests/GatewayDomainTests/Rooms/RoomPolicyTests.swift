import GatewayDomain
import Testing

struct RoomPolicyTests {
    private let own = Principal(userID: UserID("user-one"), groups: ["listed-group"])

    @Test(arguments: ["price:BTC-USDC", "trade:BTC-USDC", "orderbook:BTC-USDC", "chart:BTC"])
    func marketsAreForAll(name: String) throws {
        let room = try #require(Room(name: name))
        #expect(RoomPolicy().decide(room, for: own) == .allowed)
        #expect(RoomPolicy(groups: .claims).decide(room, for: .guest) == .allowed)
    }

    @Test(arguments: ["user", "portfolio", "orders"])
    func personalRoomsAreForTheirOwner(kind: String) throws {
        let mine = try #require(Room(name: "\(kind):user-one"))
        let other = try #require(Room(name: "\(kind):User-One"))
        #expect(RoomPolicy().decide(mine, for: own) == .allowed)
        #expect(RoomPolicy().decide(other, for: own) == .denied(.accessDenied))
        #expect(RoomPolicy().decide(mine, for: .guest) == .denied(.authRequired))
    }

    @Test func groupsAreOpenOrByClaim() {
        let (listed, unlisted) = (Room.group("listed-group"), Room.group("other-group"))
        #expect(RoomPolicy(groups: .open).decide(unlisted, for: own) == .allowed)
        #expect(RoomPolicy(groups: .claims).decide(listed, for: own) == .allowed)
        #expect(RoomPolicy(groups: .claims).decide(unlisted, for: own) == .denied(.accessDenied))
        #expect(RoomPolicy(groups: .open).decide(listed, for: .guest) == .denied(.authRequired))
        #expect(Principal.guest.isGuest)
        #expect(!own.isGuest)
    }
}
