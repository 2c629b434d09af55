import GatewayDomain
import JSONScan

/// `leave_room {room}` or `{roomId}` → `room_left {room}`, also when the client is not a member.
struct LeaveRoom: ClientEvent {
    static let name = "leave_room"
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        let room = try JoinRoom.room(in: try call.payload())
        rooms.leave(room, call, confirmation: "room_left", members: "\"room\":\(JSONString.literal(room.name))")
    }
}
