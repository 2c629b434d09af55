/// What `moonx bench hold` reads in an event: the numbers that `moonx bench feed` has put there, and the gateway's.
struct NumberedEvent: Equatable {
    enum Kind: Equatable {
        case price
        case alert
    }

    var kind: Kind
    /// Which of its room's prices, or of the alerts, it is: counted from 0.
    var number = 0
    /// When it was due, in microseconds of the clock that all processes of a machine share.
    var due: Int64 = 0
    /// The gateway's numbers of a price; `nil` in an alert. `seqFirst` where the price stands for several.
    var seq: Int64?
    var seqFirst: Int64?
    /// Whether it is the last value that a new member gets, rather than something new.
    var isSnapshot = false
    /// How many prices there have been, over all rooms: only the last alert says so.
    var prices: Int?

    init(kind: Kind) {
        self.kind = kind
    }

    /// Looks for members by their names, without parsing; `nil` for other events.
    init?(_ packet: UnsafeRawBufferPointer) {
        if packet.starts(with: "42[\"price_update\"".utf8) {
            kind = .price
        } else if packet.starts(with: "42[\"system_alert\"".utf8) {
            kind = .alert
        } else {
            return nil
        }
        var place = 0
        while let name = Self.nextName(in: packet, from: &place) {
            switch name.count {
            case 1 where name.elementsEqual("n".utf8): number = Int(Self.integer(in: packet, at: place))
            case 3 where name.elementsEqual("due".utf8): due = Self.integer(in: packet, at: place)
            case 3 where name.elementsEqual("seq".utf8): seq = Self.integer(in: packet, at: place)
            case 6 where name.elementsEqual("prices".utf8): prices = Int(Self.integer(in: packet, at: place))
            case 8 where name.elementsEqual("seqFirst".utf8): seqFirst = Self.integer(in: packet, at: place)
            case 8 where name.elementsEqual("snapshot".utf8): isSnapshot = packet[place...].starts(with: "true".utf8)
            default: break
            }
        }
    }

    /// The next text that a colon follows, with the place of its value. The feed's texts need no escapes.
    private static func nextName(in packet: UnsafeRawBufferPointer, from place: inout Int) -> Slice<UnsafeRawBufferPointer>? {
        let quote = UInt8(ascii: "\"")
        while let start = packet[place...].firstIndex(of: quote), let end = packet[(start + 1)...].firstIndex(of: quote) {
            place = end + 1
            guard place < packet.count, packet[place] == UInt8(ascii: ":") else { continue }
            place = packet[(place + 1)...].firstIndex { $0 != UInt8(ascii: " ") } ?? packet.count
            return packet[(start + 1)..<end]
        }
        return nil
    }

    private static func integer(in packet: UnsafeRawBufferPointer, at place: Int) -> Int64 {
        packet[place...].prefix(18).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            .reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}
