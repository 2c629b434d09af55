import Foundation
import GatewayDomain

/// A recorded order book: Bybit's `orderbook.500` messages, one JSON object a line, a snapshot first.
///
/// After each message comes an `order_book_update`: the best levels of the book as it then stands, or the message's own levels.
public struct OrderBookRecording: Feed {
    /// How many levels of each side are published where the caller does not say.
    public static let defaultDepth = 25

    /// What is published of each message.
    public enum Form: Hashable, Sendable {
        /// This many levels of each side of the book as it stands after the message, at least 1.
        case best(Int)
        /// The message as it was recorded: a whole book, or the changes since the one before (`"delta": true` in the envelope).
        case asRecorded
    }

    /// What is traded.
    public let instrument: Instrument
    private let form: Form
    private let source: RecordingSource

    /// The file as the caller named it.
    public var name: String { source.name }

    /// Opens a file of order-book messages.
    ///
    /// - Parameters:
    ///   - symbol: Without it, the first message's symbol, or else the file's name, must tell it.
    ///   - form: What to publish of each message.
    public init(path: String, symbol: Instrument? = nil, form: Form = .best(defaultDepth)) throws {
        try self.init(source: .file(path), symbol: symbol, form: form)
    }

    init(source: RecordingSource, symbol: Instrument?, form: Form) throws {
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
        self.form = form
        self.source = source
    }

    /// Reads the file from its start. Order books carry no ids, so every round is the same.
    public func events(round: Int = 0) throws -> any FeedCursor {
        Cursor(lines: try LineReader(source), instrument: instrument, form: form)
    }

    private struct Cursor: FeedCursor {
        var lines: LineReader
        let instrument: Instrument
        let form: Form
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
            return FeedEvent(due: due, envelope: envelope(message).json)
        }

        private func envelope(_ message: OrderBookMessage) -> MarketEnvelope {
            let data =
                switch form {
                case .best(let depth): book.envelopeData(depth: max(1, depth))
                case .asRecorded: OrderBook.envelopeData(bids: message.data.b.map(\.level), asks: message.data.a.map(\.level))
                }
            return MarketEnvelope(
                type: .orderBookUpdate,
                instrument: instrument,
                isDelta: form == .asRecorded && message.type == .delta,
                data: data,
                timestamp: message.ts,
                source: .replay
            )
        }
    }
}
