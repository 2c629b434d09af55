import NIOCore
import NIOPosix
import SocketIOClient

/// Held connections, spread over several gateways and over rooms.
struct HoldCrowd: Sendable {
    /// What sets the connections of one process apart from those of others.
    struct Share: Sendable {
        /// The number of the first among those of all processes.
        var first: Int
        /// Where they come from; `nil` leaves it to the kernel.
        var source: SocketAddress?
    }

    let tallies: [HoldTally]
    private let urls: [ServerURL]
    private let upgrades: [ByteBuffer]
    private let connects: [ByteBuffer]
    private let joins: [ByteBuffer]
    private let share: Share

    init(urls: [ServerURL], tokens: [String], rooms: [String], share: Share, group: any EventLoopGroup) {
        self.urls = urls
        self.upgrades = urls.map { LeanClient.upgrade(to: $0) }
        self.connects = LeanClient.connects(tokens)
        self.joins = rooms.map(LeanClient.join)
        self.share = share
        self.tallies = group.makeIterator().map { HoldTally(eventLoop: $0, rooms: rooms.count) }
    }

    /// Opens `count` connections, `concurrency` at a time; done when all are in their rooms.
    func open(_ count: Int, concurrency: Int) async throws {
        try await LeanClient.open(count, concurrency: concurrency) { try await open(share.first + $0) }
    }

    private func open(_ number: Int) async throws {
        let room = number % joins.count
        // One on for each round of the rooms, so that a room has members on all gateways.
        let gateway = (number + number / joins.count) % urls.count
        let tally = tallies[number % tallies.count]
        let ready = tally.eventLoop.makePromise(of: Void.self)
        let opening = HoldConnection.Opening(
            upgrade: upgrades[gateway],
            connect: connects[number % connects.count],
            join: joins[room],
            ready: ready
        )
        let channel = LeanClient.bootstrap(on: tally.eventLoop, from: share.source)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(HoldConnection(room: room, opening: opening, tally: tally))
                }
            }
            .connect(host: urls[gateway].host, port: urls[gateway].port)
        channel.whenFailure { ready.fail($0) }
        try await ready.futureResult.get()
    }

    /// What all connections have received.
    func summary() async throws -> HoldLedger.Summary {
        try await onEachLoop { $0.ledger.summary }.reduce(into: HoldLedger.Summary()) { $0.add($1) }
    }

    /// Calls `body` on each loop with what its connections have received.
    func onEachLoop<Result: Sendable>(_ body: @escaping @Sendable (HoldTally) -> Result) async throws -> [Result] {
        var results: [Result] = []
        for tally in tallies { results.append(try await tally.eventLoop.submit { body(tally) }.get()) }
        return results
    }
}
