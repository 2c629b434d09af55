import Foundation
import MarketFeed

/// An envelope as a reader of JSON sees it. Numbers that must keep their digits are strings in it.
struct ReadEnvelope: Decodable {
    struct Payload: Decodable {
        var price, change, volume, amount, side: String?
        var interval, open, high, low, close: String?
        var bids, asks: [[String]]?
    }

    struct Metadata: Decodable {
        var source: String
    }

    var type: String
    var symbol: String
    var id: String?
    var data: Payload
    var timestamp: Int64
    var metadata: Metadata

    init(_ event: FeedEvent) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(event.envelope.utf8))
    }
}

extension [FeedEvent] {
    func envelopes(_ type: String) throws -> [ReadEnvelope] {
        try map { try ReadEnvelope($0) }.filter { $0.type == type }
    }
}
