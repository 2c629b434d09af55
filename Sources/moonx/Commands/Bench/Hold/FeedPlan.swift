/// What `moonx bench feed` publishes, in the order of time: prices at a rate, one room after the other, an alert every so often, and one alert more
/// at the end.
struct FeedPlan: Sequence, IteratorProtocol, Sendable {
    enum Content: Equatable, Sendable {
        /// Price `number` of room `room`.
        case price(room: Int, number: Int)
        case alert(number: Int)
        /// The last alert, which says how many prices there have been.
        case end(number: Int)
    }

    struct Item: Equatable, Sendable {
        var content: Content
        /// Nanoseconds after the start.
        var due: Int64
    }

    let rooms: Int
    /// Prices a second.
    let rate: Double
    /// Seconds from one alert to the next.
    let alertEvery: Double
    let seconds: Double
    private var prices = 0
    private var alerts = 0
    private var isOver = false

    init(rooms: Int, rate: Double, alertEvery: Double, seconds: Double) {
        self.rooms = rooms
        self.rate = rate
        self.alertEvery = alertEvery
        self.seconds = seconds
    }

    /// How many prices there are in all.
    var priceCount: Int { Int((seconds * rate).rounded(.up)) }

    mutating func next() -> Item? {
        guard !isOver else { return nil }
        let (price, alert) = (Double(prices) / rate, Double(alerts) * alertEvery)
        if price >= seconds, alert >= seconds {
            isOver = true
            return Item(content: .end(number: alerts), due: Int64(seconds * 1e9))
        }
        if alert <= price {
            defer { alerts += 1 }
            return Item(content: .alert(number: alerts), due: Int64(alert * 1e9))
        }
        defer { prices += 1 }
        return Item(content: .price(room: prices % rooms, number: prices / rooms), due: Int64(price * 1e9))
    }
}
