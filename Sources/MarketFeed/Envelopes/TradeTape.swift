import GatewayDomain

/// Turns the trades of one instrument, in their order, into what the gateway's clients see of them: the trade,
/// the price it sets, and the candle it belongs to.
struct TradeTape {
    /// A sum or a change has more digits than fit.
    struct OutOfRange: Error {}

    private static let changeDecimals = 2

    private let instrument: Instrument
    private let source: MarketEnvelope.Source
    /// Put behind each id.
    private let idSuffix: String
    private var firstPrice: DecimalText?
    private var volume: DecimalText?
    private var candle: Candle?

    init(instrument: Instrument, source: MarketEnvelope.Source, idSuffix: String = "") {
        self.instrument = instrument
        self.source = source
        self.idSuffix = idSuffix
    }

    /// The three envelopes of one trade: `trade_notification`, `price_update`, `chart_update`.
    mutating func record(_ trade: Trade) throws(OutOfRange) -> [String] {
        let reference = firstPrice ?? trade.price.value
        let total = volume.map { $0.adding(trade.quantity.value) } ?? trade.quantity.value
        guard let total, let change = trade.price.value.percentageChange(from: reference, decimals: Self.changeDecimals)
        else { throw OutOfRange() }
        let candle = try self.candle(with: trade)
        (firstPrice, volume, self.candle) = (reference, total, candle)

        let price = #""price":"\#(trade.price.text)""#
        return [
            envelope(
                .tradeNotification,
                id: "\(instrument):\(trade.id)\(idSuffix)",
                data: #"\#(price),"amount":"\#(trade.quantity.text)","side":"\#(trade.side.rawValue)""#,
                timestamp: trade.timestamp
            ),
            envelope(.priceUpdate, data: #"\#(price),"change":"\#(change)","volume":"\#(total)""#, timestamp: trade.timestamp),
            // A candle is told from the next by its timestamp, so this is when its minute began.
            envelope(.chartUpdate, data: candle.envelopeData, timestamp: candle.start),
        ]
    }

    private func candle(with trade: Trade) throws(OutOfRange) -> Candle {
        guard var current = candle, current.contains(trade) else { return Candle(first: trade) }
        guard current.add(trade) else { throw OutOfRange() }
        return current
    }

    private func envelope(_ type: EventType, id: String? = nil, data: String, timestamp: Int64) -> String {
        MarketEnvelope(type: type, instrument: instrument, id: id, data: data, timestamp: timestamp, source: source).json
    }
}
