@testable import MarketFeed

extension RecordingSource {
    /// A recording held in memory, handed out in chunks of that many bytes.
    static func text(_ text: String, name: String = "trades-BTC-USDT.csv", chunk: Int = 1 << 16) -> RecordingSource {
        bytes(Array(text.utf8), name: name, chunk: chunk)
    }

    static func bytes(_ bytes: [UInt8], name: String = "trades-BTC-USDT.csv", chunk: Int = 1 << 16) -> RecordingSource {
        RecordingSource(name: name) {
            var rest = bytes[...]
            return {
                defer { rest = rest.dropFirst(chunk) }
                return Array(rest.prefix(chunk))
            }
        }
    }
}

extension Feed {
    /// All events of one round; only for feeds that end.
    func allEvents(round: Int = 0) throws -> [FeedEvent] {
        var cursor = try events(round: round)
        var events: [FeedEvent] = []
        while let event = try cursor.next() { events.append(event) }
        return events
    }
}
