import GatewayDomain
import JSONScan
import NIOCore

/// One thing that publishing an event does to Redis.
enum BusWrite: Hashable, Sendable {
    /// Append the envelope to the stream of its type.
    case append(EventType)
    /// Keep the envelope as the last value of the room.
    case keep(Room)
    /// Keep the envelope as the last candle of one pair and interval.
    case keepCandle(Room, field: String)
    /// Keep a whole order book; changes of the one before are forgotten.
    case keepBook(Room)
    /// Keep changes of the order book, behind its last whole one and the changes since.
    case changeBook(Room)
    /// Say it on a channel.
    case announce(channel: String)

    /// What it is done to. All that one publishing does to one place is one command.
    enum Place: Hashable, Sendable {
        case stream(EventType), last(Room), candles(Room), book(Room), channel(String)

        /// Whether it has to be done before anything is said: who hears of an event finds it kept.
        var isKeeping: Bool {
            if case .channel = self { false } else { true }
        }
    }

    /// What it is done to.
    var place: Place {
        switch self {
        case .append(let type): .stream(type)
        case .keep(let room): .last(room)
        case .keepCandle(let room, _): .candles(room)
        case .keepBook(let room), .changeBook(let room): .book(room)
        case .announce(let channel): .channel(channel)
        }
    }

    /// What publishing the envelope takes, in this order.
    ///
    /// What must not be lost goes through the stream alone, which every node reads. The rest goes to the channels of its room and of its type,
    /// and is kept for those who join later, before it is said: who subscribes and then asks for the last value misses nothing between.
    static func plan(_ envelope: Envelope) -> [BusWrite] {
        guard envelope.type.deliveryClass == .latestValue else { return [.append(envelope.type)] }
        var writes: [BusWrite] = []
        let rooms = Room.concerned(by: envelope)
        for room in rooms {
            switch envelope.type {
            case .orderBookUpdate: writes.append(envelope.isDelta ? .changeBook(room) : .keepBook(room))
            case .chartUpdate: writes += [.keep(room), .keepCandle(room, field: envelope.valueKey)]
            default: writes.append(.keep(room))
            }
        }
        writes += rooms.map { .announce(channel: BusName.channel(of: $0)) }
        writes.append(.announce(channel: BusName.channel(of: envelope.type)))
        return writes
    }
}

extension Envelope {
    /// Which of its room's last values it is: a chart's room, that of the base, has one for each pair and interval.
    var valueKey: String {
        guard type == .chartUpdate else { return "" }
        // An interval that is no text, such as a number of seconds, tells candles apart as it is written.
        let interval = data.string("interval") ?? data.raw("interval").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return "\(symbol ?? "")/\(interval)"
    }
}
