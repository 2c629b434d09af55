import ArgumentParser

/// Makes the envelopes that the fan-out publishes: price updates of a given size on the wire.
struct PriceEnvelope {
    private var padding = ""
    private var number = 0

    /// The symbol of a `price:` room.
    static func symbol(ofRoom room: String) throws -> String {
        guard room.hasPrefix("price:") else { throw ValidationError("the room must be a price room, such as price:BTC-USDC") }
        return String(room.dropFirst("price:".count))
    }

    /// For more rooms there are no names of three letters.
    static let maximumRooms = 26 * 26 * 26

    /// `count` rooms, at most ``maximumRooms``: the one given, or made-up ones.
    static func rooms(_ count: Int, first: String) -> [String] {
        guard count > 1 else { return [first] }
        return (0..<count).map { number in
            let letters = [number / 676, number / 26 % 26, number % 26].map { Character(Unicode.Scalar(UInt8(65 + $0 % 26))) }
            return "price:MX\(String(letters))-USDC"
        }
    }

    /// Lengthens the envelopes by as much as the frames are shorter than wanted.
    mutating func lengthen(by bytes: Int) {
        guard bytes > 0 else { return }
        // `,"note":""` takes ten. Digits, for a compressor to find no more to do without than in a list of prices.
        var generator: UInt64 = 1
        let digits = (0..<max(0, bytes - 10)).map { _ in
            generator = generator &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(ascii: "0") + UInt8((generator >> 33) % 10)
        }
        padding = String(decoding: digits, as: UTF8.self)
    }

    /// The price in the envelope made last: each has another, all of the same length.
    private(set) var price = ""

    /// The next envelope.
    /// - Parameter more: Members of its data beside those that it has anyway; empty for none.
    mutating func next(_ symbol: String, more: String = "") -> String {
        number += 1
        let cents = 10_000_000 + number % 90_000_000
        price = "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
        let note = padding.isEmpty ? "" : ",\"note\":\"\(padding)\""
        let rest = more.isEmpty ? note : "\(note),\(more)"
        return """
            {"type":"price_update","symbol":"\(symbol)","data":{"price":"\(price)","change24h":"1.25"\(rest)}}
            """
    }
}
