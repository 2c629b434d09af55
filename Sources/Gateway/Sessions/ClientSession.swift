import GatewayDomain
import SocketIO
import Synchronization

/// What the gateway knows of one connected client. Confined to the client's event loop.
///
/// `@unchecked Sendable`: it travels from the handshake to the loop once, before anybody else knows it.
final class ClientSession: SocketData, @unchecked Sendable {
    // In the order that leaves no gaps: there are very many of these. `ClientSessionTests` say what one takes.

    /// Who it is, by the token in force.
    var principal: Principal
    /// Client events allowed.
    var events: TokenBucket
    /// Client events allowed to the user, over all connections.
    let userEvents: SharedBucket?
    /// Where the connection is counted; given back when the socket has ended, or the session is gone.
    private var lease: ConnectionLease?
    /// Where all nodes count it together.
    private var clusterLease: ClusterLease?
    /// `nil` until it is needed: an idle connection should cost little.
    private var rarities: Rarities?
    /// What is on its way to this device.
    var mail: DeviceMail
    /// Whether `token_expired` has been sent for the token in force.
    var hasExpired = false
    /// Whether the connection counts as the user's presence.
    var isPresent = false
    /// Events refused for being too fast, less those allowed since: a flood lets some through at any moment and is one all the same.
    var refusals: Int32 = 0
    /// Rooms that the client has asked for and is not in yet.
    var pendingJoins: Int32 = 0
    /// Rooms of the gateway's own that the socket is in: of its devices, of firehoses, of users it watches.
    var internalRooms: Int32 = 0

    /// What few sessions ever need. Confined to the client's event loop, like the session.
    private final class Rarities {
        var watched: Set<UserID> = []
        var lastLimitNotice: Duration?
        var renewals = OrderedResults<Authenticate.Outcome>()
        var returning: ReturningClient?
        var chatBytes: SharedBucket?
    }

    private func makeRarities() -> Rarities {
        let made = rarities ?? Rarities()
        rarities = made
        return made
    }

    /// Users whose presence the client watches, or has asked to.
    var watched: Set<UserID> {
        get { rarities?.watched ?? [] }
        _modify { yield &makeRarities().watched }
    }

    /// When the client was last told that it is too fast.
    var lastLimitNotice: Duration? {
        get { rarities?.lastLimitNotice }
        set { makeRarities().lastLimitNotice = newValue }
    }

    /// What the client had before it was away, from when it has been given back until it has been looked at.
    var returning: ReturningClient? {
        get { rarities?.returning }
        set { if rarities != nil || newValue != nil { makeRarities().returning = newValue } }
    }

    /// Bytes of chat allowed to the user, over all connections; `nil` until the first message.
    var chatBytes: SharedBucket? {
        get { rarities?.chatBytes }
        set { makeRarities().chatBytes = newValue }
    }

    /// New tokens that are being verified, in the order in which they came.
    var renewals: OrderedResults<Authenticate.Outcome> {
        get { rarities?.renewals ?? OrderedResults() }
        _modify { yield &makeRarities().renewals }
    }

    init(
        principal: Principal,
        events: TokenBucket,
        userEvents: SharedBucket? = nil,
        hasExplicitReceipts: Bool = false,
        lease: ConnectionLease?,
        clusterLease: ClusterLease? = nil
    ) {
        self.principal = principal
        self.events = events
        self.userEvents = userEvents
        self.mail = DeviceMail(hasExplicitReceipts: hasExplicitReceipts)
        self.lease = lease
        self.clusterLease = clusterLease
    }

    /// The socket has ended: its place is free for another, whoever still holds the session.
    func giveBackPlace() {
        lease = nil
        clusterLease = nil
    }

    /// The room of a user's sockets that have been given what was kept for the user. Its name is none that a client can ask for.
    static func deviceRoom(_ userID: UserID) -> String { "@\(userID)" }
}
