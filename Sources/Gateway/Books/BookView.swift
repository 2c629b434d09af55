import GatewayDomain
import JSONScan

/// How a client wants an order book, where not as everyone gets it. All clients with the same wish share one encoding.
struct BookView: Hashable, Sendable {
    /// Whether the client applies changes by itself, after one whole book.
    var isDelta = false
    /// How many levels of each side; all where `nil`.
    var depth: Int?
    /// How many updates a second at most; all where `nil`.
    var maxRate: Int?
    /// Whether updates carry the checksum of the ten best levels.
    var hasChecksum = false

    /// The most levels of a side that can be asked for.
    static let maximumDepth = 1000
    /// The highest rate that can be asked for.
    static let maximumRate = 100

    /// Reads the wish out of the payload of `subscribe_orderbook`; `nil` where there is none.
    init?(_ payload: JSONObject) throws(GatewayError) {
        if let mode = payload["mode"], mode.kind != .null {
            switch payload.string("mode") {
            case "delta": isDelta = true
            case "full": break
            default: throw .invalid("`mode` must be \"full\" or \"delta\"")
            }
        }
        depth = try Self.number("depth", in: payload, atMost: Self.maximumDepth)
        maxRate = try Self.number("maxRate", in: payload, atMost: Self.maximumRate)
        if let checksum = payload["checksum"], checksum.kind != .null {
            guard let wish = payload.bool("checksum") else { throw .invalid("`checksum` must be true or false") }
            hasChecksum = wish
        }
        if !isDelta, depth == nil, maxRate == nil, !hasChecksum { return nil }
    }

    private static func number(_ key: String, in payload: JSONObject, atMost limit: Int) throws(GatewayError) -> Int? {
        guard let value = payload[key], value.kind != .null else { return nil }
        guard let number = payload.integer(key), (1...Int64(limit)).contains(number) else {
            throw .invalid("`\(key)` must be a whole number from 1 to \(limit)")
        }
        return Int(number)
    }

    /// The members of the confirmation that repeat the wish, each after a comma.
    var members: String {
        (isDelta ? ",\"mode\":\"delta\"" : "")
            + (depth.map { ",\"depth\":\($0)" } ?? "")
            + (maxRate.map { ",\"maxRate\":\($0)" } ?? "")
            + (hasChecksum ? ",\"checksum\":true" : "")
    }

    // MARK: Its room

    /// The name of the room of clients that see the book like this; none that a client can ask for.
    func roomName(_ room: Room) -> String {
        "\(room.name)#\(isDelta ? "d" : "f")\(hasChecksum ? "c" : "n")\(depth ?? 0)/\(maxRate ?? 0)"
    }

    /// The book and the wish that ``roomName(_:)`` stands for.
    static func parse(roomName: String) -> (room: Room, view: BookView)? {
        let parts = roomName.split(separator: "#", maxSplits: 1)
        guard parts.count == 2, let room = Room(name: String(parts[0])), parts[1].utf8.count >= 2 else { return nil }
        let numbers = parts[1].dropFirst(2).split(separator: "/").compactMap { Int($0) }
        guard numbers.count == 2 else { return nil }
        var view = BookView()
        view.isDelta = parts[1].hasPrefix("d")
        view.hasChecksum = parts[1].dropFirst().hasPrefix("c")
        view.depth = numbers[0] == 0 ? nil : numbers[0]
        view.maxRate = numbers[1] == 0 ? nil : numbers[1]
        return (room, view)
    }

    private init() {}
}
