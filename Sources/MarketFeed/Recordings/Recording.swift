import GatewayDomain

/// A recorded market in one of the formats known, told apart by the content.
public enum Recording: Feed {
    /// Trades.
    case trades(TradeRecording)
    /// An order book.
    case orderBook(OrderBookRecording)

    /// Opens a recording, and looks at its first line.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - symbol: What it is about, where neither its content nor its name tells it.
    ///   - book: What to publish of an order book.
    /// - Throws: `RecordingError`, whose description is a line for the operator.
    public static func open(
        path: String,
        symbol: Instrument? = nil,
        book: OrderBookRecording.Form = .best(OrderBookRecording.defaultDepth)
    ) throws -> Recording {
        try open(source: .file(path), symbol: symbol, book: book)
    }

    static func open(source: RecordingSource, symbol: Instrument?, book: OrderBookRecording.Form) throws -> Recording {
        var lines = try LineReader(source)
        guard let first = try lines.next() else { throw empty(source) }
        if first.first(where: { $0 != " " }) == "{" {
            return .orderBook(try OrderBookRecording(source: source, symbol: symbol, form: book))
        }
        guard TradeRow.isHeader(first) || (try? TradeRow.parse(first)) != nil else {
            throw RecordingError(
                .unknownFormat,
                file: source.name,
                line: lines.lineNumber,
                "expected trades (\(TradeRow.layout)) or order-book messages (\(OrderBookMessage.layout))"
            )
        }
        if TradeRow.isHeader(first), try lines.next() == nil { throw empty(source) }
        return .trades(try TradeRecording(source: source, symbol: symbol))
    }

    private static func empty(_ source: RecordingSource) -> RecordingError {
        RecordingError(.empty, file: source.name, "expected a recording, found no event in the file")
    }

    /// What is traded.
    public var instrument: Instrument {
        switch self {
        case .trades(let recording): recording.instrument
        case .orderBook(let recording): recording.instrument
        }
    }

    /// The file as the caller named it.
    public var name: String {
        switch self {
        case .trades(let recording): recording.name
        case .orderBook(let recording): recording.name
        }
    }

    /// Reads the file from its start.
    public func events(round: Int = 0) throws -> any FeedCursor {
        switch self {
        case .trades(let recording): try recording.events(round: round)
        case .orderBook(let recording): try recording.events(round: round)
        }
    }
}
