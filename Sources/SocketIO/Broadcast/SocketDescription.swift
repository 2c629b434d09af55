/// What a socket is at one moment, for looking at sockets from anywhere.
public struct SocketDescription: Sendable {
    /// The socket's id.
    public let id: String
    /// The rooms it is in, in no particular order.
    public let rooms: Set<String>
    /// What the application remembers of it.
    public let data: (any Sendable)?

    /// Describes `socket`. On its loop only.
    init(_ socket: Socket) {
        id = socket.id
        rooms = Set(socket.rooms)
        data = socket.data
    }
}
