import Foundation
import GatewayDomain

/// One line of a Bybit `orderbook.500` recording.
struct OrderBookMessage: Decodable {
    /// The format in words, for messages.
    static let layout =
        #"{"type":"snapshot" or "delta","ts":<ms>,"data":{"s":<symbol>,"b":[[price,size],…],"a":[…]}}, prices and sizes as strings"#

    private static let plausibleTimes: Range<Int64> = 1_000_000_000_000..<10_000_000_000_000

    enum Kind: String, Decodable {
        case snapshot, delta
    }

    struct Content: Decodable {
        /// The exchange's symbol, such as `XRPUSDT`.
        var s: String
        var b: [Level]
        var a: [Level]
    }

    /// `[price, size]`.
    struct Level: Decodable {
        var level: OrderBook.Level

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            let price = try pair.decode(String.self)
            level = OrderBook.Level(price: price, size: try pair.decode(String.self))
            guard pair.isAtEnd else {
                throw DecodingError.dataCorruptedError(in: pair, debugDescription: "a level is a price and a size")
            }
        }
    }

    var type: Kind
    /// Milliseconds since 1970.
    var ts: Int64
    var data: Content

    /// Reads one line; `nil` where it is not such a message.
    init?(line: String, decoder: JSONDecoder) {
        // Which member is wrong matters less to the reader than what the line should look like.
        guard let message = try? decoder.decode(Self.self, from: Data(line.utf8)), Self.plausibleTimes.contains(message.ts)
        else { return nil }
        self = message
    }
}

extension OrderBook {
    mutating func apply(_ message: OrderBookMessage) throws(MalformedLevel) {
        let (bids, asks) = (message.data.b.map(\.level), message.data.a.map(\.level))
        switch message.type {
        case .snapshot: try apply(snapshotBids: bids, asks: asks)
        case .delta: try apply(deltaBids: bids, asks: asks)
        }
    }
}
