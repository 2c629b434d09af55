import JSONScan
import NIOCore

/// What the server's open packet says of the session.
public struct EngineParameters: Hashable, Sendable {
    /// The Engine.IO session's id; not that of the namespace.
    public let sid: String
    /// The transports that the server offers to move to.
    public let upgrades: [String]
    /// Time between an answer to a ping and the next ping.
    public let pingInterval: Duration
    /// Time within which a ping must be answered.
    public let pingTimeout: Duration
    /// The largest message the server accepts, in bytes; `nil` where it does not say.
    public let maxPayload: Int?

    /// Reads the packet's JSON; `nil` where something is missing.
    init?(_ json: ByteBuffer) {
        guard let object = try? JSONObject(Array(json.readableBytesView)),
            let sid = object.string("sid"), let interval = object.integer("pingInterval"), let timeout = object.integer("pingTimeout")
        else { return nil }
        self.sid = sid
        self.upgrades = object.strings("upgrades") ?? []
        self.pingInterval = .milliseconds(interval)
        self.pingTimeout = .milliseconds(timeout)
        self.maxPayload = object.integer("maxPayload").map { Int($0) }
    }
}
