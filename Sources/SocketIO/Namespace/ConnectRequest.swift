public import EngineIO
public import EngineIOCore
public import JSONScan
public import NIOCore

/// A client asks to connect to a namespace.
public struct ConnectRequest: Sendable {
    /// The namespace.
    public let namespace: String
    /// The session that asks.
    public let sessionID: SessionID
    /// The revision of Engine.IO that the session speaks.
    public let revision: EngineRevision
    /// What the client gave as `auth`; of revision 3, the query of the namespace that it sent, which for `/` there is none of. What stands in
    /// the URL is in ``handshake``.
    public let auth: JSONObject?
    /// The HTTP request that opened the session; `nil` where it has been released, after an earlier socket of the session.
    public let handshake: EngineHandshake?
    /// The address that the session was opened from, as the socket says.
    public let remoteAddress: SocketAddress?
    /// What becomes ``Socket/data``: for middleware to fill.
    public var data: (any Sendable)?
}

/// A refusal to connect: reaches the client as `connect_error`.
public struct ConnectError: Error, Hashable, Sendable {
    /// `error.message`.
    public var message: String
    /// `error.data`, as JSON text; absent where `nil`.
    public var data: String?

    /// A refusal. `data` must be valid JSON.
    public init(message: String, data: String? = nil) {
        self.message = message
        self.data = data
    }

    /// The payload of the CONNECT_ERROR packet.
    var json: String {
        let message = "\"message\":\(JSONString.literal(message))"
        return data.map { "{\(message),\"data\":\($0)}" } ?? "{\(message)}"
    }
}
