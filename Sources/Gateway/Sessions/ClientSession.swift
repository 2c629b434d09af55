import GatewayDomain
import Synchronization

/// What the gateway knows of one connected client. Confined to the client's event loop.
///
/// `@unchecked Sendable`: it travels from the handshake to the loop once, before anybody else knows it.
final class ClientSession: @unchecked Sendable {
    /// Who it is, by the token in force.
    var principal: Principal
    /// Whether `token_expired` has been sent for the token in force.
    var hasExpired = false
    /// Client events allowed.
    var events: TokenBucket
    /// When the client was last told that it is too fast.
    var lastLimitNotice: Duration?
    /// Events refused for being too fast, less those allowed since: a flood lets some through at any moment and is one all the same.
    var refusals = 0
    /// Rooms that the client has asked for and is not in yet.
    var pendingJoins = 0
    /// New tokens that are being verified, in the order in which they came.
    var renewals = OrderedResults<Authenticate.Outcome>()
    /// Where the connection is counted; given back when the session is gone.
    private let lease: ConnectionLease?
    /// Kept until the socket is connected.
    private var isRevoked: (@Sendable () -> Bool)?

    init(identity: Identity, events: TokenBucket, lease: ConnectionLease?) {
        self.principal = identity.principal
        self.isRevoked = identity.isRevoked
        self.events = events
        self.lease = lease
    }

    /// Whether the token was revoked while the socket connected. To be asked once.
    func wasRevokedMeanwhile() -> Bool {
        defer { isRevoked = nil }
        return isRevoked?() ?? false
    }

    /// The room that holds all sockets of a user. Its name is none that a client can ask for.
    static func deviceRoom(_ userID: UserID) -> String { "@\(userID)" }
}
