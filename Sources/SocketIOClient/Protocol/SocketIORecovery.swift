import JSONScan
import NIOCore

/// What a client shows the server to get its session back, after the connection has ended: see ``SocketIOClient/recovery()``.
public struct SocketIORecovery: Hashable, Sendable {
    /// The private id that the server gave the session.
    public var pid: String
    /// The offset of the last event that came; `nil` where none with an offset has come.
    public var offset: String?

    /// A session to be recovered.
    public init(pid: String, offset: String?) {
        self.pid = pid
        self.offset = offset
    }

    /// `auth` with the members that ask for the session, in the order of the JavaScript client. `auth` is a valid object, or absent.
    func adding(to auth: ByteBuffer?) -> ByteBuffer {
        var json = "{\"pid\":\(JSONString.literal(pid))"
        if let offset { json += ",\"offset\":\(JSONString.literal(offset))" }
        let members = auth.map { String(buffer: $0).drop { $0 != "{" }.dropFirst() } ?? "}"
        let isEmpty = members.allSatisfy { $0 == "}" || $0.isWhitespace }
        return ByteBuffer(string: json + (isEmpty ? "}" : ",\(members)"))
    }
}
