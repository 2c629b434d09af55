import GatewayDomain
import Testing

struct RoomReferenceTests {
    @Test func aRoomIsLookedUpByName() {
        #expect(Room.resolve(room: "chart:BTC", roomID: nil, roomType: nil) == .found(.chart("BTC")))
        #expect(Room.resolve(room: "chart:btc", roomID: nil, roomType: nil) == .notFound)
        #expect(Room.resolve(room: "", roomID: nil, roomType: nil) == .notFound)
        #expect(Room.resolve(room: "chart:BTC", roomID: "team-alpha", roomType: nil) == .found(.chart("BTC")))
    }

    @Test func withoutAnyRoomSomethingIsMissing() {
        #expect(Room.resolve(room: nil, roomID: nil, roomType: "group") == .missing)
    }

    @Test(arguments: [nil, "group", "personal"])
    func aRoomNameAsIDStandsForItself(type: String?) {
        #expect(Room.resolve(room: nil, roomID: "chart:BTC", roomType: type) == .found(.chart("BTC")))
    }

    @Test(arguments: [nil, "group", "personal"])
    func aUserIDStandsForThePersonalRoom(type: String?) throws {
        let id = try #require(UserID("user-123"))
        #expect(Room.resolve(room: nil, roomID: "user-user-123", roomType: type) == .found(.user(id)))
        #expect(Room.resolve(room: nil, roomID: "user-123", roomType: type) == .notFound)
    }

    @Test func anythingElseIsAGroup() {
        #expect(Room.resolve(room: nil, roomID: "team-alpha", roomType: nil) == .found(.group("team-alpha")))
        #expect(Room.resolve(room: nil, roomID: "team-alpha", roomType: "group") == .found(.group("team-alpha")))
        #expect(Room.resolve(room: nil, roomID: "team-alpha", roomType: "personal") == .notFound)
        #expect(Room.resolve(room: nil, roomID: "short", roomType: nil) == .notFound)
    }
}
