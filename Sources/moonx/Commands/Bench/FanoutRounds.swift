import NIOCore

/// Publishes round by round: the next one begins when all members have received the one before.
struct FanoutRounds {
    private let swarm: Swarm
    private let publisher: BenchPublisher
    private let timeout: TimeAmount
    /// Members by room and loop.
    private let members: [[Int]]
    private var envelope = PriceEnvelope()
    /// Deliveries expected so far, by loop.
    private var expected: [Int]
    private var nextRoom = 0
    /// How many messages at a rate each room has had.
    private var scheduled = 0
    /// The price published last in each room; `nil` before the first.
    private(set) var newest: [String?]
    /// How long each round took, from the publication to the last member.
    private(set) var seconds: [Double] = []

    init(swarm: Swarm, publisher: BenchPublisher, connections: Int, timeout: TimeAmount) {
        self.swarm = swarm
        self.publisher = publisher
        self.timeout = timeout
        self.members = swarm.rooms.indices.map { room in
            swarm.tallies.indices.map { swarm.members(ofRoom: room, onLoop: $0, of: connections) }
        }
        self.expected = swarm.tallies.map { _ in 0 }
        self.newest = swarm.rooms.map { _ in nil }
    }

    /// Finds out how long frames come out, makes them as long as wanted, and lets the server get warm.
    mutating func warmUp(frameBytes: Int) async throws {
        // Joining may have brought snapshots of what was published before.
        for index in expected.indices {
            let tally = swarm.tallies[index]
            expected[index] = try await tally.eventLoop.submit { tally.deliveries }.get()
        }
        let before = (try await swarm.sum(\.deliveries), try await swarm.sum(\.deliveredBytes))
        try await round(1)
        let count = try await swarm.sum(\.deliveries) - before.0
        let bytes = try await swarm.sum(\.deliveredBytes) - before.1
        if count > 0 { envelope.lengthen(by: frameBytes - bytes / count) }
        for _ in 0..<10 { try await round(1) }
        seconds = []
    }

    /// Publishes `messages` messages, `inFlight` at once.
    mutating func run(messages: Int, inFlight: Int) async throws {
        let line = ProgressLine()
        defer { line.clear() }
        var rest = messages
        while rest > 0 {
            line.show("\(messages - rest) of \(messages) messages delivered")
            try await round(min(rest, inFlight))
            rest -= inFlight
        }
    }

    /// Publishes `messages` messages, `rate` of them a second: those that are due at once, as soon as the last request has been answered. To be
    /// followed by another run at a rate, `messages` must be a multiple of the rooms.
    mutating func run(messages: Int, rate: Double) async throws {
        nextRoom = 0
        let schedule = PublishSchedule(start: .now() + .milliseconds(100), rate: rate, rooms: swarm.rooms.count, earlier: scheduled)
        scheduled += messages / swarm.rooms.count
        _ = try await swarm.onEachLoop { $0.schedule = schedule }
        var published = 0
        while published < messages {
            let due = min(messages, schedule.due(by: .now()))
            if due == published {
                let wait = schedule.instant(published) - .now()
                try await Task.sleep(for: .nanoseconds(max(0, wait.nanoseconds)), tolerance: .zero)
            } else {
                try await publisher.publish(try next(min(due - published, 5_000)))
                published += min(due - published, 5_000)
            }
        }
        for arrival in arrivals() { try await arrival.get() }
        _ = try await swarm.onEachLoop { $0.schedule = nil }
    }

    private mutating func round(_ count: Int) async throws {
        let body = try next(count)
        let start = ContinuousClock.now
        let arrivals = arrivals()
        try await publisher.publish(body)
        for arrival in arrivals { try await arrival.get() }
        seconds.append(Stopwatch.seconds(ContinuousClock.now - start))
    }

    /// The next `count` messages, and counts for whom they are.
    private mutating func next(_ count: Int) throws -> [BenchPublisher.Message] {
        var messages: [BenchPublisher.Message] = []
        messages.reserveCapacity(count)
        for _ in 0..<count {
            let room = swarm.rooms[nextRoom]
            messages.append(BenchPublisher.Message(room: room, envelope: envelope.next(try PriceEnvelope.symbol(ofRoom: room))))
            newest[nextRoom] = envelope.price
            for index in expected.indices { expected[index] += members[nextRoom][index] }
            nextRoom = (nextRoom + 1) % swarm.rooms.count
        }
        return messages
    }

    /// Done when everybody has what was published.
    private func arrivals() -> [EventLoopFuture<Void>] {
        zip(swarm.tallies, expected).map { tally, target in
            tally.eventLoop.flatSubmit { [timeout] in tally.reach(target, within: timeout) }
        }
    }
}
