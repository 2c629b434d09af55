import GatewayDomain

/// The trades of one minute: first, highest, lowest and last price, and the quantity.
struct Candle {
    static let interval = "1m"
    static let milliseconds: Int64 = 60_000

    /// When the minute began, in milliseconds since 1970.
    let start: Int64
    private let open: Trade.Amount
    private var high: Trade.Amount
    private var low: Trade.Amount
    private var close: Trade.Amount
    private var volume: DecimalText

    init(first trade: Trade) {
        self.start = Self.start(of: trade)
        self.open = trade.price
        self.high = trade.price
        self.low = trade.price
        self.close = trade.price
        self.volume = trade.quantity.value
    }

    func contains(_ trade: Trade) -> Bool {
        start == Self.start(of: trade)
    }

    /// Takes in a trade of the same minute; false where the volume would have more digits than fit.
    mutating func add(_ trade: Trade) -> Bool {
        guard let sum = volume.adding(trade.quantity.value) else { return false }
        volume = sum
        if trade.price.value > high.value { high = trade.price }
        if trade.price.value < low.value { low = trade.price }
        close = trade.price
        return true
    }

    /// The members of a `chart_update`'s data.
    var envelopeData: String {
        #""interval":"\#(Self.interval)","open":"\#(open.text)","high":"\#(high.text)","low":"\#(low.text)","#
            + #""close":"\#(close.text)","volume":"\#(volume)""#
    }

    private static func start(of trade: Trade) -> Int64 {
        trade.timestamp / milliseconds * milliseconds
    }
}
