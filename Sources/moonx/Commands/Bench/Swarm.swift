import NIOCore
import NIOPosix
import SocketIOClient

/// Many lean clients on a few event loops.
struct Swarm: Sendable {
    /// More connections than this need a source address of their own: a pair of addresses has some 28,000 ports.
    private static let connectionsPerAddress = 20_000

    /// How long a connection may take to be let in, and into its room.
    private static let patience = TimeAmount.seconds(60)

    let url: ServerURL
    let rooms: [String]
    let tallies: [LoopTally]
    private let script: SwarmConnection.Script
    /// What connections send to enter the namespace: one for each token.
    private let connects: [ByteBuffer]
    private let joins: [ByteBuffer]
    private let opened: OpenChannels

    init(url: ServerURL, tokens: [String], rooms: [String], deflates: Bool = false, group: any EventLoopGroup) {
        self.url = url
        self.rooms = rooms
        self.script = SwarmConnection.Script(request: LeanClient.upgrade(to: url, deflates: deflates))
        self.connects = LeanClient.connects(tokens)
        self.joins = rooms.map(LeanClient.join)
        self.tallies = group.makeIterator().map(LoopTally.init(eventLoop:))
        self.opened = OpenChannels()
    }

    /// Opens `count` connections, `concurrency` at a time; done when all are connected, and in their room where there are rooms.
    func open(_ count: Int, concurrency: Int) async throws {
        try await LeanClient.open(count, concurrency: concurrency) { try await open($0) }
    }

    private func open(_ number: Int) async throws {
        let tally = tallies[number % tallies.count]
        let ready = tally.eventLoop.makePromise(of: Void.self)
        let overdue = tally.eventLoop.scheduleTask(in: Self.patience) {
            ready.fail(BenchFailure("the server has not let a connection in within \(Self.patience.nanoseconds / 1_000_000_000) s"))
        }
        defer { overdue.cancel() }
        let room = joins.isEmpty ? 0 : number % joins.count
        let join = joins.isEmpty ? nil : joins[room]
        let connect = connects[number % connects.count]
        do {
            let channel = try await bootstrap(number, on: tally.eventLoop)
                .channelInitializer { [script] channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = SwarmConnection(script, connect: connect, join: join, room: room, tally: tally, ready: ready)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: url.host, port: url.port)
                .get()
            opened.add(channel)
        } catch {
            ready.fail(error)
            throw error
        }
        try await ready.futureResult.get()
    }

    private func bootstrap(_ number: Int, on eventLoop: any EventLoop) throws -> ClientBootstrap {
        let address = number / Self.connectionsPerAddress
        let isLocal = url.host == "127.0.0.1" || url.host == "localhost"
        let source = address > 0 && isLocal ? try SocketAddress(ipAddress: "127.0.0.\(1 + address)", port: 0) : nil
        return LeanClient.bootstrap(on: eventLoop, from: source)
    }

    /// How many of `count` connections are in room `index`, on the loop of tally `loop`.
    func members(ofRoom index: Int, onLoop loop: Int, of count: Int) -> Int {
        (0..<count).count { $0 % tallies.count == loop && $0 % max(1, rooms.count) == index }
    }

    /// The sum of a counter over all loops.
    func sum(_ counter: @escaping @Sendable (LoopTally) -> Int) async throws -> Int {
        try await onEachLoop(counter).reduce(0, +)
    }

    /// Calls `body` on each loop with what its connections have received.
    func onEachLoop<Result: Sendable>(_ body: @escaping @Sendable (LoopTally) -> Result) async throws -> [Result] {
        var results: [Result] = []
        for tally in tallies { results.append(try await tally.eventLoop.submit { body(tally) }.get()) }
        return results
    }

    /// Hands an event to the handler of each connection.
    func fire(_ event: some Sendable) {
        opened.forEach { $0.pipeline.fireUserInboundEventTriggered(event) }
    }

    /// Closes all connections.
    func close() async {
        for channel in opened.takeAll() { try? await channel.close() }
    }
}
