/// What a client's payload says about a room.
public enum RoomReference: Hashable, Sendable {
    /// It names this room.
    case found(Room)
    /// It names something that is no room: `ROOM_NOT_FOUND`.
    case notFound
    /// It names no room at all: `INVALID_MESSAGE`.
    case missing
}

extension Room {
    /// The room meant by `{room}` or by `{roomId, roomType?}`; `room` wins where both are there.
    ///
    /// A `roomId` that is a valid room name stands for itself, `user-<id>` is `user:<id>`, anything else is a group where
    /// `roomType` is `group` or absent. What begins with `user-` never becomes a group: a client that gets its user's id
    /// wrong must not end in a room that others can enter.
    public static func resolve(room: String?, roomID: String?, roomType: String?) -> RoomReference {
        if let room { return reference(Room(name: room)) }
        guard let roomID else { return .missing }
        if let named = Room(name: roomID) { return .found(named) }
        let personalPrefix = "user-"
        if roomID.hasPrefix(personalPrefix) {
            return reference(Room(kind: .user, identifier: roomID.dropFirst(personalPrefix.count)))
        }
        guard roomType == nil || roomType == Kind.group.rawValue else { return .notFound }
        return reference(Room(kind: .group, identifier: roomID))
    }

    private static func reference(_ room: Room?) -> RoomReference {
        room.map { .found($0) } ?? .notFound
    }
}
