public import NIOHTTP1
public import SocketIOCore

/// The settings of a client that are seldom changed.
public struct SocketIOClientOptions: Sendable {
    /// The Engine.IO path, with its trailing slash.
    public var path = "/socket.io/"
    /// What is added to the query of every request, such as `token=…`, already encoded; empty for nothing.
    public var query = ""
    /// What is added to the headers of every request.
    public var headers: HTTPHeaders = [:]
    /// A PEM file with the authorities that may have signed the server's certificate; `nil` trusts those of the system.
    public var certificateAuthorityFile: String?
    /// How packets are written; the server must have chosen the same.
    public var parser = SocketIOParser.json
    /// How long connecting may take, from the first packet to the answer to CONNECT.
    public var connectTimeout: Duration = .seconds(10)
    /// The largest message accepted, in bytes.
    public var maxMessageBytes = 16 << 20
    /// The most events that wait to be taken from ``SocketIOClient/events``.
    public var maxWaitingEvents = 4_096
    /// The most bytes of events that wait to be taken from ``SocketIOClient/events``.
    public var maxWaitingBytes = 16 << 20

    /// The defaults.
    public init() {}
}
