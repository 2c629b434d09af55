import GatewayDomain

/// By which way an event has come to this node; that decides what it may reach, and what is known of events before it.
enum EventOrigin: Hashable, Sendable {
    /// Published on this node, which is all there is.
    case local
    /// Read from a stream, gap-free.
    case stream
    /// The channel that every gateway reads.
    case simple
    /// The channel of one room.
    case room(Room)
    /// The channel of one event type.
    case type(EventType)
    /// The channel of alerts.
    case alerts

    /// Whether events before this one may have been lost on the way: publish/subscribe delivers at most once.
    var isLossy: Bool {
        switch self {
        case .local, .stream: false
        case .simple, .room, .type, .alerts: true
        }
    }

    /// Whether an event belongs on the way it came: a room's channel carries only what concerns the room.
    func admits(_ envelope: Envelope) -> Bool {
        switch self {
        case .local, .stream, .simple: true
        case .alerts: envelope.type == .systemAlert
        case .type(let type): envelope.type == type
        case .room(let room): Room.concerned(by: envelope).contains(room)
        }
    }

    /// Whether an event that came this way is for the room: of a trade that concerns a user, each of two rooms' channels brings one copy.
    func reaches(_ room: Room) -> Bool {
        switch self {
        case .local, .stream, .simple: true
        case .room(let origin): origin == room
        case .type: room.isMarket || room.keepsLastValue || room.kind == .orders
        case .alerts: false
        }
    }
}

extension Room {
    /// The rooms that an event is published to: where it is a trade of a user, the pair's and the user's.
    static func concerned(by envelope: Envelope) -> [Room] {
        switch envelope.type {
        case .priceUpdate, .orderBookUpdate, .chartUpdate: [Room(market: envelope)].compactMap { $0 }
        case .tradeNotification: [Room(market: envelope), envelope.userID.map { .user($0) }].compactMap { $0 }
        case .portfolioUpdate: envelope.userID.map { [.portfolio($0)] } ?? []
        case .orderUpdate: envelope.userID.map { [.orders($0)] } ?? []
        case .notification: envelope.userID.map { [.user($0)] } ?? []
        case .systemAlert: []
        }
    }
}
