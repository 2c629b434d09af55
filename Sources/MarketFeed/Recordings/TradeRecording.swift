import GatewayDomain

/// Recorded trades in the layout of Binance's public trade files, with or without the line that names the columns.
///
/// Each trade gives a `trade_notification`, a `price_update` (with the change against the recording's first trade, in per
/// cent, and the quantity traded since) and a `chart_update` of the running minute.
public struct TradeRecording: Feed {
    /// What is traded.
    public let instrument: Instrument
    private let source: RecordingSource

    /// The file as the caller named it.
    public var name: String { source.name }

    /// Opens a file of trades. Without a symbol the file's name must tell it.
    public init(path: String, symbol: Instrument? = nil) throws {
        try self.init(source: .file(path), symbol: symbol)
    }

    init(source: RecordingSource, symbol: Instrument?) throws {
        guard let instrument = symbol ?? Instrument(fileName: source.name) else {
            throw RecordingError(
                .unknownSymbol,
                file: source.name,
                "the file's name does not tell the symbol: name it, such as --symbol BTC-USDT"
            )
        }
        self.instrument = instrument
        self.source = source
    }

    /// Reads the file from its start. In rounds after the first, `#2`, `#3` and so on end each id.
    public func events(round: Int = 0) throws -> any FeedCursor {
        Cursor(
            lines: try LineReader(source),
            tape: TradeTape(instrument: instrument, source: .replay, idSuffix: round == 0 ? "" : "#\(round + 1)")
        )
    }

    private struct Cursor: FeedCursor {
        var lines: LineReader
        var tape: TradeTape
        /// Microseconds since 1970 of the first trade.
        var origin: Int64?
        var due: Duration = .zero
        var waiting: [String] = []

        mutating func next() throws -> FeedEvent? {
            if waiting.isEmpty {
                guard let trade = try nextTrade() else { return nil }
                let start = origin ?? trade.microseconds
                origin = start
                // Exchanges do not promise that times rise; a player must be able to rely on it.
                due = max(due, .microseconds(trade.microseconds - start))
                do {
                    waiting = try tape.record(trade).reversed()
                } catch {
                    throw lines.malformed("expected numbers whose sum fits 38 digits")
                }
            }
            return waiting.popLast().map { FeedEvent(due: due, envelope: $0) }
        }

        private mutating func nextTrade() throws -> Trade? {
            guard var line = try lines.next() else { return nil }
            if origin == nil, TradeRow.isHeader(line) {
                guard let first = try lines.next() else { return nil }
                line = first
            }
            do {
                return try TradeRow.parse(line)
            } catch {
                throw lines.malformed(error.message)
            }
        }
    }
}
