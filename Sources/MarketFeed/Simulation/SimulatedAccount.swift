public import GatewayDomain

/// An invented account for development and demonstrations: holdings whose worth follows the market, orders that are placed, filled or
/// cancelled, the trades that fill them, and now and then a notification. Not for anyone's real money.
///
/// Time and prices come from outside; the same seed, times and prices give the same events, byte for byte.
public struct SimulatedAccount: Sendable {
    private static let portfolioGap: Int64 = 2_000
    private static let orderGap: ClosedRange<Int64> = 2_500...6_000
    private static let orderLife: ClosedRange<Int64> = 1_500...4_000
    private static let fillsForOneNotification = 3

    private let user: UserID
    private let start: Int64
    private var random: SplitMix64
    private var holdings: [Holding]
    private var cash = DecimalText("25000.00")!
    private var worthAtFirst: DecimalText?
    private var open: Order?
    private var orders = 0
    private var fills = 0
    private var nextPortfolio: Int64 = 0
    private var nextOrder: Int64

    /// An account of a user.
    ///
    /// - Parameters:
    ///   - user: Whose account: the events are addressed to this user.
    ///   - seed: Which of the possible accounts.
    ///   - start: Milliseconds since 1970; part of the ids, so that those of an earlier run are not taken for repeats.
    public init(user: UserID, seed: UInt64, start: Int64) {
        self.user = user
        self.start = start
        self.random = SplitMix64(seed: seed)
        self.holdings = Holding.atFirst
        self.nextOrder = start + Self.orderGap.lowerBound
    }

    /// What has happened by `now` (milliseconds since 1970): the envelopes to publish, oldest first. Nothing as long as a price is missing.
    public mutating func step(now: Int64, prices: [Instrument: DecimalText]) -> [String] {
        guard holdings.allSatisfy({ prices[$0.instrument] != nil }) else { return [] }
        var events: [String] = []
        if let order = open, order.ends <= now {
            open = nil
            nextOrder = now + random.number(in: Self.orderGap)
            events += end(order, now: now)
        } else if open == nil, nextOrder <= now {
            events += place(now: now, prices: prices)
        }
        if nextPortfolio <= now, let portfolio = portfolio(now: now, prices: prices) {
            nextPortfolio = now + Self.portfolioGap
            events.append(portfolio)
        }
        return events
    }

    private mutating func place(now: Int64, prices: [Instrument: DecimalText]) -> [String] {
        let index = Int(random.number(in: 0...Int64(holdings.count - 1)))
        let holding = holdings[index]
        guard let price = prices[holding.instrument],
            let amount = DecimalText(unscaled: Int128(random.number(in: 1...holding.largestOrder)), scale: holding.amount.scale)
        else { return [] }
        // What is not there is not sold, and what cannot be paid not bought.
        let canSell = holding.amount >= amount
        let canBuy = price.multiplied(by: amount).map { cash >= $0 } ?? false
        guard canSell || canBuy else { return [] }
        let wantsToBuy = random.number(in: 0...1) == 1
        orders += 1
        let order = Order(
            id: "order-\(start)-\(orders)",
            holding: index,
            isBuy: canBuy && (wantsToBuy || !canSell),
            price: price,
            amount: amount,
            ends: now + random.number(in: Self.orderLife)
        )
        open = order
        return [event(order, "open", filled: false, now: now)]
    }

    private mutating func end(_ order: Order, now: Int64) -> [String] {
        let isFilled = random.number(in: 0...4) > 0
        guard isFilled, let cost = order.price.multiplied(by: order.amount)?.rescaled(to: 2) else {
            return [event(order, "cancelled", filled: false, now: now)]
        }
        let held = holdings[order.holding].amount
        guard let amount = order.isBuy ? held.adding(order.amount) : held.subtracting(order.amount),
            let rest = order.isBuy ? cash.subtracting(cost) : cash.adding(cost)
        else { return [] }
        (holdings[order.holding].amount, cash) = (amount, rest)
        fills += 1
        var events = [event(order, "filled", filled: true, now: now), trade(order, now: now)]
        if fills % Self.fillsForOneNotification == 0 { events.append(notification(order, now: now)) }
        return events
    }

    // MARK: Envelopes

    private func event(_ order: Order, _ status: String, filled: Bool, now: Int64) -> String {
        let none = DecimalText(unscaled: 0, scale: order.amount.scale) ?? order.amount
        return envelope(
            .orderUpdate,
            symbol: instrument(of: order),
            id: "\(user)-\(order.id)-\(status)",
            data: #""orderId":"\#(order.id)","side":"\#(order.side)","status":"\#(status)","#
                + #""price":"\#(order.price)","amount":"\#(order.amount)","filled":"\#(filled ? order.amount : none)""#,
            now: now
        )
    }

    private func trade(_ order: Order, now: Int64) -> String {
        envelope(
            .tradeNotification,
            symbol: instrument(of: order),
            id: "\(user)-\(order.id)",
            data: #""price":"\#(order.price)","amount":"\#(order.amount)","side":"\#(order.side)""#,
            now: now
        )
    }

    private func notification(_ order: Order, now: Int64) -> String {
        let (instrument, verb) = (instrument(of: order), order.isBuy ? "Bought" : "Sold")
        return envelope(
            .notification,
            id: "\(user)-\(order.id)-note",
            data: #""type":"order_filled","title":"Order filled","body":"\#(verb) \#(order.amount) \#(instrument.base) at \#(order.price) "#
                + #"\#(instrument.quote)","data":{"orderId":"\#(order.id)"}"#,
            now: now
        )
    }

    /// `nil` where a sum has more digits than fit.
    private mutating func portfolio(now: Int64, prices: [Instrument: DecimalText]) -> String? {
        var total = cash
        var positions: [String] = []
        for holding in holdings {
            guard let price = prices[holding.instrument], let worth = price.multiplied(by: holding.amount)?.rescaled(to: 2),
                let sum = total.adding(worth)
            else { return nil }
            total = sum
            positions.append(#"{"symbol":"\#(holding.instrument)","amount":"\#(holding.amount)","price":"\#(price)","value":"\#(worth)"}"#)
        }
        positions.append(#"{"symbol":"USDC","amount":"\#(cash)","price":"1.00","value":"\#(cash)"}"#)
        let first = worthAtFirst ?? total
        worthAtFirst = first
        guard let gain = total.subtracting(first) else { return nil }
        let data = #""totalValue":"\#(total)","positions":[\#(positions.joined(separator: ","))],"pnl":"\#(gain)""#
        return envelope(.portfolioUpdate, data: data, now: now)
    }

    private func instrument(of order: Order) -> Instrument { holdings[order.holding].instrument }

    private func envelope(_ type: EventType, symbol: Instrument? = nil, id: String? = nil, data: String, now: Int64) -> String {
        let symbolMember = symbol.map { #""symbol":"\#($0)","# } ?? ""
        let idMember = id.map { #""id":"\#($0)","# } ?? ""
        return #"{"type":"\#(type.rawValue)",\#(symbolMember)"userId":"\#(user)",\#(idMember)"data":{\#(data)},"timestamp":\#(now),"#
            + #""metadata":{"source":"\#(MarketEnvelope.Source.simulator.rawValue)"}}"#
    }
}

/// What an account has of one instrument.
private struct Holding: Sendable {
    let instrument: Instrument
    var amount: DecimalText
    /// The largest amount of one order, in units of the amount's last decimal.
    let largestOrder: Int64

    static let atFirst = [
        Holding(instrument: Instrument("BTC-USDC")!, amount: DecimalText("0.25000")!, largestOrder: 1_000),
        Holding(instrument: Instrument("ETH-USDC")!, amount: DecimalText("3.2000")!, largestOrder: 4_000),
        Holding(instrument: Instrument("SOL-USDC")!, amount: DecimalText("40.000")!, largestOrder: 9_000),
    ]
}

/// An order that has been placed.
private struct Order: Sendable {
    let id: String
    /// Index of the holding it is about.
    let holding: Int
    let isBuy: Bool
    let price: DecimalText
    let amount: DecimalText
    /// When it is filled or cancelled, in milliseconds since 1970.
    let ends: Int64

    var side: String { isBuy ? "buy" : "sell" }
}
