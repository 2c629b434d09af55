import NIOCore

/// Makes the envelopes of `moonx bench feed`.
struct FeedEnvelopes {
    private let rooms: [String]
    private let prices: Int
    private var price = PriceEnvelope()

    /// - Parameter prices: How many prices there will be in all.
    init(rooms: [String], prices: Int) {
        self.rooms = rooms
        self.prices = prices
    }

    mutating func message(_ item: FeedPlan.Item, start: NIODeadline) throws -> BenchPublisher.Message {
        let due = (start + .nanoseconds(item.due)).uptimeNanoseconds / 1_000
        switch item.content {
        case .price(let room, let number):
            let envelope = price.next(try PriceEnvelope.symbol(ofRoom: rooms[room]), more: "\"n\":\(number),\"due\":\(due)")
            return BenchPublisher.Message(room: rooms[room], envelope: envelope)
        case .alert(let number): return alert("\"n\":\(number),\"due\":\(due)")
        case .end(let number): return alert("\"n\":\(number),\"due\":\(due),\"prices\":\(prices)")
        }
    }

    private func alert(_ members: String) -> BenchPublisher.Message {
        BenchPublisher.Message(
            room: "all",
            envelope: """
                {"type":"system_alert","data":{"message":"A measurement is running","severity":"info",\(members)}}
                """
        )
    }
}
