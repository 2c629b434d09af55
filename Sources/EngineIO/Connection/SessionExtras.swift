import NIOCore

/// What a session needs while it is opened and while it polls. Most WebSockets do without from the moment their client has been let in, and an
/// idle connection should cost little. Confined to the session's event loop.
final class SessionExtras {
    /// The request that opened the session.
    var handshake: EngineHandshake?
    /// The address that the session was opened from.
    let remoteAddress: SocketAddress?
    /// How packets are written for the transport in use.
    var encoding: PacketEncoding
    /// The WebSocket that is being probed.
    var probe: WebSocketTransport?
    /// How packets are written once that is the transport.
    var probeEncoding: PacketEncoding?
    /// The GET that waits for something to send.
    var poll: PollResponder?
    /// What the next GET is answered with, once the session has ended and nothing else waits.
    var last: OutboundFrame?

    init(_ handshake: EngineHandshake, encoding: PacketEncoding) {
        self.handshake = handshake
        self.remoteAddress = handshake.remoteAddress
        self.encoding = encoding
    }
}

/// A queue that a session has only while something waits, or while it polls.
final class QueueBox {
    var queue: OutboundQueue?
}
