import Foundation
import GatewayDomain

/// A recorded order book: Bybit's `orderbook.500` messages, one JSON object a line, a snapshot first.
///
/// After each message comes an `order_book_update` with the best levels of the book as it then stands.
public struct OrderBookRecording: Feed {
    /// How many levels of each side are published where the caller does not say.
    public static let defaultDepth = 25

    /// What is traded.
    public let instrument: Instrument
    private let depth: Int
    private let source: RecordingSource

    /// The file as the caller named it.
    public var name: String { source.name }

    /// Opens a file of order-book messages.
    ///
    /// - Parameters:
    ///   - symbol: Without it, the first message's symbol, or else the file's name, must tell it.
    ///   - depth: How many levels of each side to publish, at least 1.
    public init(path: String, symbol: Instrument? = nil, depth: Int = defaultDepth) throws {
        try self.init(source: .file(path), symbol: symbol, depth: depth)
    }

    init(source: RecordingSource, symbol: Instrument?, depth: Int) throws {
        var lines = try LineReader(source)
        guard let first = try lines.next() else {
            throw RecordingError(.empty, file: source.name, "expected order-book messages, found no line")
        }
        guard let message = OrderBookMessage(line: first, decoder: JSONDecoder()) else {
            throw lines.malformed("expected \(OrderBookMessage.layout)")
        }
        guard let instrument = symbol ?? Instrument(compact: message.data.s) ?? Instrument(fileName: source.name) else {
            throw RecordingError(
                .unknownSymbol,
                file: source.name,
                "neither the message's symbol nor the file's name tells the instrument: name it, such as --symbol XRP-USDT"
            )
        }
        self.instrument = instrument
        self.depth = max(1, depth)
        self.source = source
    }

    /// Reads the file from its start. Order books carry no ids, so every round is the same.
    public func events(round: Int = 0) throws -> any FeedCursor {
        Cursor(lines: try LineReader(source), instrument: instrument, depth: depth)
    }

    private struct Cursor: FeedCursor {
        var lines: LineReader
        let instrument: Instrument
        let depth: Int
        let decoder = JSONDecoder()
        var book = OrderBook()
        /// Symbol and time of the first message.
        var first: (symbol: String, timestamp: Int64)?
        var due: Duration = .zero

        mutating func next() throws -> FeedEvent? {
            guard let line = try lines.next() else { return nil }
            guard let message = OrderBookMessage(line: line, decoder: decoder) else {
                throw lines.malformed("expected \(OrderBookMessage.layout)")
            }
            let first = first ?? (message.data.s, message.ts)
            guard self.first != nil || message.type == .snapshot else {
                throw lines.malformed("expected a snapshot before the first delta")
            }
            guard message.data.s == first.symbol else {
                throw lines.malformed("expected symbol \(first.symbol) as before, found \"\(message.data.s.prefix(40))\"")
            }
            do {
                try book.apply(message)
            } catch {
                throw lines.malformed(
                    "expected a level of two decimal numbers, found [\"\(error.level.price.prefix(40))\",\"\(error.level.size.prefix(40))\"]"
                )
            }
            self.first = first
            due = max(due, .milliseconds(message.ts - first.timestamp))
            let envelope = MarketEnvelope(
                type: .orderBookUpdate,
                instrument: instrument,
                data: book.envelopeData(depth: depth),
                timestamp: message.ts,
                source: .replay
            )
            return FeedEvent(due: due, envelope: envelope.json)
        }
    }
}
