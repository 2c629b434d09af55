public import NIOCore
import SocketIOCore

/// What a socket is at one moment, for looking at sockets from anywhere.
public struct SocketDescription: Sendable {
    /// The socket's id.
    public let id: String
    /// The rooms it is in, in no particular order; its own, which has its id for name, is not among them.
    public let rooms: Set<String>
    /// What the application remembers of it; `nil` for a socket of another node, which tells ``json`` instead.
    public let data: (any Sendable)?
    /// What the other node's application says of its socket (``NamespaceDefinition/onDescribe(_:)``), one JSON value; `nil` for a socket of
    /// this node.
    public let json: ByteBuffer?
    /// The id of the other node; `nil` for a socket of this node.
    public let server: String?

    /// Describes `socket`. On its loop only.
    init(_ socket: Socket) {
        id = socket.id
        rooms = Set(socket.rooms)
        data = socket.data
        json = nil
        server = nil
    }

    /// A socket of another node.
    init(_ socket: ClusterSocket, server: String) {
        id = socket.id
        rooms = Set(socket.rooms).subtracting([socket.id])
        data = nil
        json = socket.data
        self.server = server
    }
}
