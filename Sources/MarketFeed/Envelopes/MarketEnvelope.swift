import GatewayDomain

/// One event on its way into the gateway.
///
/// The JSON is put together by hand so that digits are passed on as they are. Nothing needs escaping, because
/// whoever fills in `data` and `id` has checked the parts: decimal numbers, and names of letters and digits.
struct MarketEnvelope {
    /// Where the event comes from, as `metadata.source` says it.
    enum Source: String {
        case replay, simulator
    }

    var type: EventType
    var instrument: Instrument
    var id: String?
    /// Whether the data are the changes of an order book since the last one.
    var isDelta = false
    /// The members of `data`: JSON without the braces.
    var data: String
    /// Milliseconds since 1970.
    var timestamp: Int64
    var source: Source

    var json: String {
        let idMember = id.map { #""id":"\#($0)","# } ?? ""
        return #"{"type":"\#(type.rawValue)","symbol":"\#(instrument)",\#(idMember)\#(isDelta ? #""delta":true,"# : "")"data":{\#(data)},"#
            + #""timestamp":\#(timestamp),"metadata":{"source":"\#(source.rawValue)"}}"#
    }
}

extension OrderBook {
    /// The members of an `order_book_update`'s data: the best `depth` levels of each side as `[price, size]`.
    func envelopeData(depth: Int) -> String {
        Self.envelopeData(bids: topBids(depth), asks: topAsks(depth))
    }

    /// The members of an `order_book_update`'s data, for levels that have been checked.
    static func envelopeData(bids: [Level], asks: [Level]) -> String {
        #""bids":\#(json(bids)),"asks":\#(json(asks))"#
    }

    private static func json(_ levels: [Level]) -> String {
        "[" + levels.map { #"["\#($0.price)","\#($0.size)"]"# }.joined(separator: ",") + "]"
    }
}
