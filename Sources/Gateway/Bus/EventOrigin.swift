import GatewayDomain
import SocketIOCore

/// By which way an event has come to this node; that decides what it may reach, and what is known of events before it.
enum EventOrigin: Hashable, Sendable {
    /// Published on this node, which is all there is.
    case local
    /// Read from a stream, gap-free; of types that clients who were away get from any node, with the entry.
    case stream(SourcePlace?)
    /// The channel that every gateway reads.
    case simple
    /// The channel of one room.
    case room(Room)
    /// The channel of one event type.
    case type(EventType)
    /// The channel of alerts.
    case alerts

    /// Where the event stands among those that every node reads; `nil` where not every node does. Of a trade that concerns a user the copy for
    /// everybody comes first.
    func source(isPersonal: Bool = false) -> SourcePlace? {
        guard case .stream(let place?) = self else { return nil }
        return isPersonal ? SourcePlace(source: place.source, id: SourceID(entry: place.id, isPersonal: true)) : place
    }

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

extension SourceID {
    /// A copy of an entry's event, as a place of its own between this entry and the next.
    init(entry: SourceID, isPersonal: Bool) {
        self.init(milliseconds: entry.milliseconds, number: entry.number | (isPersonal ? 1 : 0))
    }

    /// The place of an entry of a stream.
    init(_ id: StreamPosition.ID) {
        self.init(milliseconds: id.milliseconds, number: id.number << 1)
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
