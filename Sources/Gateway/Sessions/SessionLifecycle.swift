import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// What happens when a client has connected and when it has gone. On the client's event loop.
struct SessionLifecycle: Sendable {
    let router: EventRouter
    let messaging: MessagingParts
    let expiry: TokenExpiry
    let counters: GatewayCounters
    let recovery: SessionRecovery
    /// What a client that connects anew on its connection is told by, beside its token.
    let keptHeaders: [String]

    private static let version = JSONString.literal(GatewayVersion.current)

    func connected(_ socket: Socket) {
        guard let session = socket.data as? ClientSession else { return }
        recovery.entered(socket, session)
        // From here on a revocation finds the socket; one that came before is caught here.
        guard !recovery.authenticator.hasBeenRevoked(session.principal) else { return socket.disconnect() }
        counters.countConnect()
        // Nobody asks for the opening request any more, and it holds the token.
        socket.releaseHandshake(keeping: keptHeaders)
        socket.emit(
            OutgoingEvent("connected", capacity: 128) {
                $0.writeStaticString("{\"connectionId\":\"")
                $0.writeString(socket.id)
                $0.writeStaticString("\",\"timestamp\":")
                $0.writeString(String(WallClock.milliseconds()))
                $0.writeStaticString(",\"serverVersion\":")
                $0.writeString(Self.version)
                $0.writeStaticString("}")
            }
        )
        if let userID = session.principal.userID {
            socket.emit(
                OutgoingEvent("authenticated", capacity: 128) {
                    $0.writeStaticString("{\"user\":")
                    $0.writeString(session.principal.userJSON)
                    $0.writeStaticString("}")
                }
            )
            messaging.mailboxes.connected(socket, session, userID)
            session.isPresent = true
            messaging.presence.connected(userID)
        }
        expiry.watch(socket, session)
        recovery.resume(socket, session)
    }

    func disconnected(_ socket: Socket, rooms: [String]) {
        router.left(rooms.compactMap { Room(name: $0) }, loopIndex: socket.loopIndex)
        for (room, view) in rooms.compactMap({ BookView.parse(roomName: $0) }) { router.left(view, of: room, loopIndex: socket.loopIndex) }
        router.left(rooms.compactMap { Firehose(name: $0) }, loopIndex: socket.loopIndex)
        guard let session = socket.data as? ClientSession else { return }
        session.giveBackPlace()
        guard let userID = session.principal.userID else { return }
        messaging.presence.unwatch(session.watched)
        messaging.mailboxes.disconnected(userID, rooms: rooms)
        guard session.isPresent else { return }
        session.isPresent = false
        messaging.presence.disconnected(userID)
    }

    /// The transport has pinged the client, or has had its answer.
    func heartbeat(_ socket: Socket, _ event: HeartbeatEvent) {
        guard let session = socket.data as? ClientSession else { return }
        messaging.mailboxes.heartbeat(event, session)
    }

    func deadlineReached(_ socket: Socket) {
        guard let session = socket.data as? ClientSession else { return }
        expiry.deadlineReached(socket, session)
    }
}
