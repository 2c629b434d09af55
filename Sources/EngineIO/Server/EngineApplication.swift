public import EngineIOCore
public import NIOCore

/// The layer above: what is done with sessions and their messages.
public protocol EngineApplication: Sendable {
    /// A session was opened; the delegate gets what happens on it. Called on the connection's event loop.
    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate
}

/// What happens on one session. All methods are called on the connection's event loop.
public protocol EngineConnectionDelegate: AnyObject {
    /// The session is open and may be written to.
    func connectionOpened(_ connection: EngineConnection)
    /// A text message came, without its type byte. It is valid UTF-8.
    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer)
    /// A binary message came.
    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer)
    /// The deadline of ``EngineConnection/setDeadline(_:)`` has come.
    func connectionDeadlineReached(_ connection: EngineConnection)
    /// The session is about to be closed because its client does not take what it is sent: what it is to be told where it still can be,
    /// behind the bytes that are under way already. `nil`: nothing.
    func slowConsumerNotice(_ connection: EngineConnection) -> OutboundFrame?
    /// A ping went out, behind all that was sent before it.
    func connectionPingSent(_ connection: EngineConnection)
    /// The last ping was answered: the client has what was sent before it.
    func connectionPingAnswered(_ connection: EngineConnection)
    /// The server is about to end, and this session with it, after `delay`. Its client can be told.
    func connectionDraining(_ connection: EngineConnection, closesIn delay: Duration)
    /// The session has ended; nothing more comes, nothing more can be sent.
    func connectionClosed(_ connection: EngineConnection, reason: CloseReason)
}

extension EngineConnectionDelegate {
    /// Nothing.
    public func slowConsumerNotice(_ connection: EngineConnection) -> OutboundFrame? { nil }
    /// Does nothing.
    public func connectionPingSent(_ connection: EngineConnection) {}
    /// Does nothing.
    public func connectionDraining(_ connection: EngineConnection, closesIn delay: Duration) {}
    /// Does nothing.
    public func connectionPingAnswered(_ connection: EngineConnection) {}
}
