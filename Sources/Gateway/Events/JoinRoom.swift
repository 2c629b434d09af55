import GatewayDomain
import JSONScan

/// `join_room {room}` or `{roomId, roomType?}` → `room_joined {room}`, then the room's last values.
struct JoinRoom: ClientEvent {
    static let name = "join_room"
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        let room = try Self.room(in: try call.payload())
        try rooms.join(room, call, confirmation: "room_joined", members: "\"room\":\(JSONString.literal(room.name))")
    }

    /// The room that a payload of `join_room` or `leave_room` names.
    static func room(in payload: JSONObject) throws(GatewayError) -> Room {
        for key in ["room", "roomId", "roomType"] where payload[key] != nil && payload.string(key) == nil {
            throw .invalid("`\(key)` must be a string")
        }
        let reference = Room.resolve(
            room: payload.string("room"),
            roomID: payload.string("roomId"),
            roomType: payload.string("roomType")
        )
        switch reference {
        case .found(let room): return room
        case .missing: throw .invalid("name a room: {\"room\": \"price:BTC-USDC\"}")
        case .notFound: throw GatewayError(.roomNotFound, "there is no such room; valid names look like price:BTC-USDC")
        }
    }
}
