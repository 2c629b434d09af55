import SocketIO
import SocketIOCore

/// All events that clients may send.
struct ClientEvents: Sendable {
    private let events: [any ClientEvent]

    init(
        rooms: RoomAccess,
        messaging: MessagingParts,
        limits: GatewayLimits,
        chat: ChatGate,
        authenticator: HandshakeAuthenticator,
        expiry: TokenExpiry,
        now: @escaping @Sendable () -> Int64
    ) {
        events = [
            JoinRoom(rooms: rooms),
            LeaveRoom(rooms: rooms),
            SubscribePrice(rooms: rooms),
            SubscribeTrades(rooms: rooms),
            SubscribeOrderBook(rooms: rooms),
            SubscribeChart(rooms: rooms),
            SubscribePortfolio(rooms: rooms),
            SubscribeOrders(rooms: rooms),
            Subscribe(rooms: rooms),
            Unsubscribe(rooms: rooms),
            RoomMessage(mailboxes: messaging.mailboxes, chat: chat, now: now),
            DirectMessage(mailboxes: messaging.mailboxes, chat: chat, now: now),
            Received(mailboxes: messaging.mailboxes),
            PresenceSubscribe(presence: messaging.presence, limits: limits),
            PresenceUnsubscribe(presence: messaging.presence),
            SetPresence(presence: messaging.presence),
            Ping(now: now),
            Authenticate(authenticator: authenticator, expiry: expiry, rooms: rooms),
        ]
    }

    /// Registers every event with the namespace.
    func register(in namespace: inout NamespaceDefinition, counters: GatewayCounters) {
        for event in events {
            let name = type(of: event).name
            namespace.on(name) { socket, arguments, ack in
                guard let session = socket.data as? ClientSession else { return }
                let call = ClientCall(
                    socket: socket,
                    session: session,
                    event: name,
                    arguments: arguments,
                    ack: ack,
                    counters: counters
                )
                do throws(GatewayError) {
                    // None has a place for them: their placeholders would be taken for what was said.
                    guard arguments.attachments.isEmpty else {
                        throw .invalid("`\(name)` takes no binary values; send text, such as base64")
                    }
                    try event.handle(call)
                } catch { call.fail(error) }
            }
        }
        namespace.onUnknown { socket, name, arguments, ack in
            guard let session = socket.data as? ClientSession else { return }
            let shown = String(name.prefix(64))
            ClientCall(socket: socket, session: session, event: shown, arguments: arguments, ack: ack, counters: counters)
                .fail(.invalid("there is no event of that name"))
        }
    }
}
