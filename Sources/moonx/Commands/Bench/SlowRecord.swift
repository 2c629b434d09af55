import JSONScan
import SocketIOCore

/// What a client that stops reading has seen, and whether anything is missing: the client's own proof, from what the events say of themselves.
///
/// A price continues the one before it in its epoch (`seqFirst`, or `seq` where it stands for itself alone, is one more than the last `seq`), or
/// is a snapshot that is not older. Own trades carry no `seq`: the publisher numbers them.
struct SlowRecord: Sendable {
    struct Place: Sendable {
        var epoch: String
        var seq: Int64
        var price: String
    }

    /// The last price of each symbol.
    private(set) var places: [String: Place] = [:]
    /// How many own trades have come: 0 to this, all of them.
    private(set) var trades = 0
    /// Prices that stood for several, and how many these were.
    private(set) var (conflated, covered) = (0, 0)
    private(set) var snapshots = 0
    /// How often `SLOW_CONSUMER` has come.
    private(set) var warnings = 0
    /// What is wrong, each in a sentence.
    private(set) var failures: [String] = []

    mutating func received(_ name: String, _ arguments: EventArguments) {
        guard let payload = arguments.object(0) else { return }
        switch name {
        case "price_update": received(price: payload)
        case "trade_notification": received(trade: payload)
        case "error" where payload.string("code") == "SLOW_CONSUMER": warnings += 1
        case "error": failures.append("an error came: \(payload.string("message") ?? "?")")
        default: break
        }
    }

    /// What is missing at the end, where `newest` is the price of each symbol and `count` the number of own trades that were published.
    func missing(_ newest: [String: String], trades count: Int) -> [String] {
        var missing = newest.filter { places[$0.key]?.price != $0.value }.keys.sorted().map { symbol in
            "the newest price of \(symbol) is \(newest[symbol] ?? "?"), the client's is \(places[symbol]?.price ?? "none")"
        }
        if trades != count { missing.append("\(trades) of \(count) own trades have come") }
        return missing
    }

    mutating func fail(_ text: String) {
        failures.append(text)
    }

    private mutating func received(price payload: JSONObject) {
        guard let symbol = payload.string("symbol"), let epoch = payload.string("epoch"), let seq = payload.integer("seq"),
            let price = payload.string("price")
        else { return failures.append("a price without symbol, epoch, seq or price") }
        let first = payload.integer("seqFirst") ?? seq
        let last = places[symbol]
        if payload.bool("snapshot") == true {
            snapshots += 1
            if let last, last.epoch == epoch, last.seq > seq { failures.append("\(symbol): a snapshot of \(seq) after \(last.seq)") }
        } else if let last, last.epoch != epoch || last.seq + 1 != first {
            failures.append("\(symbol): \(first) to \(seq) of \(epoch) after \(last.seq) of \(last.epoch)")
        }
        if first < seq {
            conflated += 1
            covered += Int(seq - first) + 1
        }
        places[symbol] = Place(epoch: epoch, seq: seq, price: price)
    }

    private mutating func received(trade payload: JSONObject) {
        let number = payload.integer("n") ?? -1
        if number != trades { failures.append("own trade \(number) came where \(trades) was due") }
        trades = Int(number) + 1
    }
}
