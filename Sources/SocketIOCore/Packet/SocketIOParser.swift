/// How packets are written; server and client must have chosen the same.
public enum SocketIOParser: Hashable, Sendable {
    /// Text, with binary attachments in messages of their own: what everyone speaks unless told otherwise.
    case json
    /// One binary MessagePack message a packet, binary arguments within it: `socket.io-msgpack-parser`, and
    /// `serializer='msgpack'` of python-socketio.
    case msgpack
}
