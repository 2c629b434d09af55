import GatewayDomain
import Testing

struct RoomTests {
    @Test(arguments: [
        ("price:BTC-USDC", Room.Kind.price), ("trade:BTC-USDC", .trade), ("orderbook:BTC-USDC", .orderbook), ("chart:BTC", .chart),
        ("user:user-123", .user), ("portfolio:user-123", .portfolio), ("orders:user-123", .orders), ("group:team_alpha-1", .group),
    ])
    func readsItsName(name: String, kind: Room.Kind) throws {
        let room = try #require(Room(name: name))
        #expect(room.kind == kind)
        #expect(room.name == name)
        #expect(name == "\(kind.rawValue):\(room.identifier)")
    }

    @Test(arguments: [
        "", ":", "price", "price:", "price:BTC", "price:btc-usdc", "Price:BTC-USDC", "chart:B", "chart:BTC-USDC", "chart:ABCDEFGHIJK",
        "user:short", "user:under_score", "orders:", "group:1234567", "group:has space", "group:points.no", "rooms:12345678",
        "price:BTC-USDC:x", " price:BTC-USDC", "user:\(String(repeating: "a", count: 65))", "group:\(String(repeating: "a", count: 65))",
    ])
    func refusesAnythingElse(name: String) {
        #expect(Room(name: name) == nil)
    }

    @Test func takesTheLongestIDs() {
        let id = String(repeating: "a", count: 64)
        #expect(Room(name: "group:\(id)") == .group(id))
        #expect(Room(name: "user:\(id)")?.owner == UserID(id))
    }

    @Test func knowsItsOwner() throws {
        let id = try #require(UserID("user-123"))
        #expect(Room.portfolio(id).owner == id)
        #expect(Room.group("user-123").owner == nil)
    }

    @Test func knowsWhatItCarries() throws {
        let id = try #require(UserID("user-123"))
        let pair = try #require(Instrument("BTC-USDC"))
        let rooms: [Room] = [
            .price(pair), .trade(pair), .orderbook(pair), .chart("BTC"), .user(id), .portfolio(id), .orders(id), .group("12345678"),
        ]
        #expect(rooms.map(\.kind) == Room.Kind.allCases)
        #expect(rooms.filter(\.isMarket).map(\.kind) == [.price, .trade, .orderbook, .chart])
        #expect(rooms.filter(\.keepsLastValue).map(\.kind) == [.price, .orderbook, .chart, .portfolio])
    }

    @Test func aChartIsThatOfTheBase() {
        #expect(Room.chartRoom(ofSymbol: "BTC") == .chart("BTC"))
        #expect(Room.chartRoom(ofSymbol: "btc-usdc") == .chart("BTC"))
        #expect(Room.chartRoom(ofSymbol: "BTC-") == nil)
    }
}
