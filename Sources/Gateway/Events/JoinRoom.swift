import GatewayDomain
import JSONScan

/// `join_room {room}` or `{roomId, roomType?}` → `room_joined {room}`, then the room's last values. With `since: {epoch, seq}` the
/// confirmation says whether the client was `resumed`: it gets the events it missed, or else the last values.
struct JoinRoom: ClientEvent {
    static let name = "join_room"
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        let room = try Self.room(in: payload)
        let point = try Self.resumePoint(in: payload)
        try rooms.join(room, call, since: point, confirmation: "room_joined", members: "\"room\":\(JSONString.literal(room.name))")
    }

    /// The room that a payload names by `room`, or by `roomId` and `roomType`.
    static func room(in payload: JSONObject) throws(GatewayError) -> Room {
        for key in ["room", "roomId", "roomType"] {
            // `null` is what some clients send for nothing.
            guard let value = payload[key], value.kind != .null, value.kind != .string else { continue }
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

    private static func resumePoint(in payload: JSONObject) throws(GatewayError) -> ResumePoint? {
        guard let since = payload["since"], since.kind != .null else { return nil }
        guard since.kind == .object, let object = payload.raw("since").flatMap({ try? JSONObject(Array($0)) }),
            let epoch = object.string("epoch"), let seq = object.integer("seq"), seq >= 0
        else { throw .invalid("`since` must be {\"epoch\": string, \"seq\": number}, as they stood in the last event of the room") }
        return ResumePoint(epoch: epoch, seq: UInt64(seq))
    }
}
