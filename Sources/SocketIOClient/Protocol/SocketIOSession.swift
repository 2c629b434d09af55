import JSONScan
import NIOCore

/// What the server's answer to CONNECT says.
public struct SocketIOSession: Hashable, Sendable {
    /// The socket's id on its namespace.
    public let id: String
    /// The private id for connection state recovery; `nil` where the server does not offer it.
    public let pid: String?
    /// Whether the server gave back the session that was asked for: the same id, rooms, and the events missed, which come first.
    public let recovered: Bool
    /// The whole answer as it was sent.
    public let json: String

    init(_ object: JSONObject, previousID: String?) {
        id = object.string("sid") ?? ""
        pid = object.string("pid")
        recovered = previousID != nil && pid == previousID
        json = String(decoding: object.bytes, as: UTF8.self)
    }
}
