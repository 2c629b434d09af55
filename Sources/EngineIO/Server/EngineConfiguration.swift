public import EngineIOCore
public import NIOHTTP1

/// The settings of an Engine.IO server. Defaults are the reference server's where it has the setting.
public struct EngineConfiguration: Sendable {
    /// The path that the server answers. Whether it is written with a slash at its end makes no difference: ``addTrailingSlash`` tells.
    public var path = "/socket.io/"
    /// Whether requests must have a slash at the path's end. Without it they may.
    public var addTrailingSlash = true
    /// The transports offered.
    public var transports: Set<TransportKind> = [.polling, .websocket]
    /// Whether clients of protocol 3, those of Socket.IO 1 and 2, are served too. The name is the reference server's.
    public var allowEIO3 = false
    /// Whether a polling session may move to WebSocket.
    public var allowUpgrades = true
    /// Time between a client's pong and the next ping.
    public var pingInterval: Duration = .seconds(25)
    /// Time within which a client must answer a ping.
    public var pingTimeout: Duration = .seconds(20)
    /// Time within which a probed WebSocket must become the transport.
    public var upgradeTimeout: Duration = .seconds(10)
    /// Time within which the head of a connection's first request must have come; its body has as long as a session may be silent
    /// (``pingInterval`` and ``pingTimeout``).
    public var handshakeTimeout: Duration = .seconds(10)
    /// How long a WebSocket waits after its close frame for the peer to take what is under way and close, before it is cut.
    public var closeTimeout: Duration = .seconds(3)
    /// How long a polling session that the application has closed is kept for the GET that takes its last packets.
    public var lastPollTimeout: Duration = .seconds(30)
    /// How long an HTTP connection may idle between two requests.
    public var keepAliveTimeout: Duration = .seconds(5)
    /// The largest message and the largest request body accepted, in bytes.
    public var maxPayload = 1_000_000
    /// The most bytes that may wait for one connection when another message comes; over it the connection is closed as slow. So one message
    /// more than this may wait.
    public var maxQueuedBytes = 1 << 20
    /// The longest that bytes may wait for one connection; over it the connection is closed as slow.
    public var maxQueuedAge: Duration = .seconds(10)
    /// How many bytes the kernel may hold for one connection that it has not sent, before it refuses more (`TCP_NOTSENT_LOWAT`). What the
    /// kernel holds can no longer be replaced by something newer: a few hundred kilobytes are seconds of a slow client. `nil`: as many as the
    /// system allows, which is megabytes. On Linux only.
    public var maxUnsentBytes: Int?
    /// Compression of WebSocket messages; `nil` for none, which is the reference server's default too.
    public var perMessageDeflate: PerMessageDeflate?
    /// Compression of the answers to polls; `nil` for none.
    public var httpCompression: HTTPCompression? = HTTPCompression()
    /// Decides on each new session, after the checks of the server's own and before anything is kept of it; runs off the event loop. Within
    /// ``handshakeTimeout`` it must have decided. `nil`: every session is let in.
    public var allowRequest: (@Sendable (EngineHandshake) async -> EngineAdmission)?
    /// Which web origins may use the server at all, over WebSocket too, which ``cors`` does not reach: all other requests with an `Origin` are
    /// refused with `EngineRequestError.forbidden`. `nil`: no request is refused for its origin.
    public var allowedOrigins: CORSPolicy?
    /// The cookie that tells a load balancer the session; `nil` for none.
    public var cookie: HandshakeCookie?
    /// Adds headers to the answer that opens a session. Runs on the event loop.
    public var initialHeaders: (@Sendable (_ request: HTTPRequestHead, _ headers: inout HTTPHeaders) -> Void)?
    /// Adds headers to every answer to a poll, a POST or an upgrade that was not refused, after ``initialHeaders``. Runs on the event loop.
    public var headers: (@Sendable (_ request: HTTPRequestHead, _ headers: inout HTTPHeaders) -> Void)?
    /// Which web origins may read answers.
    public var cors = CORSPolicy.none
    /// For how long an event loop, after it has sent something, asks the kernel again and again for more to do in place of sleeping. What comes in
    /// that time does not wait for a core to wake up and for the loop to be scheduled; in return the loop takes all of a core. Zero, the default,
    /// lets it sleep. Loops of SwiftNIO's `MultiThreadedEventLoopGroup` only.
    public var busyPolling: Duration = .zero
    /// How many connections may wait to be accepted.
    public var backlog: Int32 = 4096

    /// Whether the path is a plain WebSocket echo and no Engine.IO at all: for the Autobahn test suite.
    @_spi(Conformance) public var echoesWebSockets = false

    /// The defaults.
    public init() {}

    /// How long a client of protocol 3 may go without a ping.
    var silenceLimit: Duration { pingInterval + pingTimeout }

    func makeHeartbeat(_ revision: EngineRevision, now: MonotonicInstant) -> Heartbeat {
        switch revision {
        case .four: Heartbeat(interval: pingInterval, now: now)
        case .three: Heartbeat(listeningFor: silenceLimit, now: now)
        }
    }

    /// Whether a polling session is told that it may move to WebSocket.
    var offersUpgrade: Bool { allowUpgrades && transports.contains(.websocket) }
}
