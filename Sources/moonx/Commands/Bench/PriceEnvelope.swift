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

    /// `count` rooms: the one given, or made-up ones.
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
        // `,"note":""` takes ten.
        padding = String(repeating: "x", count: max(0, bytes - 10))
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
