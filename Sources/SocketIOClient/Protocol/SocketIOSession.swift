import JSONScan
import NIOCore

/// What the server's answer to CONNECT says.
public struct SocketIOSession: Hashable, Sendable {
    /// The socket's id on its namespace.
    public let id: String
    /// The private id for connection state recovery; `nil` where the server does not offer it.
    public let pid: String?
    /// The whole answer as it was sent.
    public let json: String

    init(_ object: JSONObject) {
        id = object.string("sid") ?? ""
        pid = object.string("pid")
        json = String(decoding: object.bytes, as: UTF8.self)
    }
}
