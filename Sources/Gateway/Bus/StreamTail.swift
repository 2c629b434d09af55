import Logging
import NIOCore
import RESP
import RedisClient

/// Reads streams as they grow, each from where it was when the node started, over connections that may block.
///
/// What was read once is not read again, and after a cut reading goes on where it stopped. What Redis has taken away in the meantime, or lost,
/// cannot be read; that is found out and told.
final class StreamTail: Sendable {
    /// What comes, in order.
    enum Part: Sendable {
        /// Entries of a stream.
        case entries(stream: String, [Entry])
        /// Entries of this stream were taken away before they were read, or Redis has lost some.
        case gap(stream: String)
    }

    /// An entry: its id, and the value of its field `event`, empty where there is none.
    typealias Entry = (id: StreamPosition.ID, event: ByteBuffer)

    /// Streams that are read together. On a cluster each for itself: they lie on different nodes.
    private let readers: [(client: RedisClient, streams: [String])]
    private let logger: Logger
    /// After so long without an answer it is looked whether anything was taken away.
    private let late: Duration

    /// The longest event that is taken from an entry which is read by itself; a longer one is as good as none. Valid ones are far shorter.
    private static let longestEvent = 4 * Envelope.maximumLength
    /// How long Redis waits for an entry before it answers that there is none.
    private static let block = Duration.seconds(1)
    /// How much longer it may take until the answer is here.
    private static let patience = Duration.seconds(2)

    /// - Parameters:
    ///   - client: Says where Redis is; it is not read with, because reading blocks.
    ///   - late: After so long without an answer it is looked whether anything was taken away.
    init(
        streams: [String],
        like client: RedisClient,
        group: any EventLoopGroup,
        logger: Logger,
        late: Duration = .seconds(2)
    ) throws(RedisError) {
        self.logger = logger
        self.late = late
        var readers: [(client: RedisClient, streams: [String])] = []
        for part in client.isCluster ? streams.map({ [$0] }) : [streams] {
            readers.append((try RedisClient(configuration: client.configuration, group: group, logger: logger), part))
        }
        self.readers = readers
    }

    /// Connects, and finds out where the streams end.
    func start() async throws(RedisError) -> [String: StreamPosition] {
        var positions: [String: StreamPosition] = [:]
        for reader in readers {
            try await reader.client.start()
            for stream in reader.streams { positions[stream] = StreamPosition(atEndOf: try await info(stream, reader.client)) }
        }
        return positions
    }

    /// Reads until ``stop()``. `receive` has dealt with one part before it gets the next of the same stream.
    func run(from positions: [String: StreamPosition], _ receive: @escaping @Sendable (Part) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for reader in readers {
                let part = positions.filter { reader.streams.contains($0.key) }
                group.addTask { await self.read(reader.client, part, receive) }
            }
        }
    }

    /// Ends what runs, without waiting for what may still come.
    func stop() async {
        for reader in readers { await reader.client.shutdown() }
    }

    private func read(_ client: RedisClient, _ start: [String: StreamPosition], _ receive: @Sendable (Part) async -> Void) async {
        var positions = start
        var last = ContinuousClock.now
        var isLate = false
        var pace = StreamPace()
        var interruptions = 0
        while true {
            do {
                if isLate {
                    interruptions = client.interruptions
                    _ = try await check(&positions, client, receive)
                }
                let parts = try await next(positions, pace.count, client)
                let isOverdue = ContinuousClock.now - last > late
                last = ContinuousClock.now
                isLate = false
                // What comes so late, or from another server, may stand behind something that is gone: that is told first, and read again then.
                if isOverdue || client.interruptions != interruptions {
                    interruptions = client.interruptions
                    if try await check(&positions, client, receive) { continue }
                }
                let count = pace.count ?? 1
                pace.succeeded(bytes: parts.reduce(0) { $0 + Self.bytes(of: $1.entries) })
                for (stream, entries) in parts {
                    positions[stream]?.read(entries.map(\.id))
                    // Who is behind by that much may find that something is gone.
                    if entries.count >= count { isLate = true }
                    await receive(.entries(stream: stream, entries))
                }
            } catch {
                if error.code == .shutDown { return }
                pace.failed(error)
                logger.debug("streams cannot be read; trying again", metadata: ["error": "\(error)"])
                isLate = true
                try? await Task.sleep(for: RedisBus.pause)
            }
        }
    }

    /// Looks whether something was taken away before it was read, and tells so. Returns whether there was.
    private func check(
        _ positions: inout [String: StreamPosition],
        _ client: RedisClient,
        _ receive: @Sendable (Part) async -> Void
    ) async throws(RedisError) -> Bool {
        var hasGap = false
        for (stream, position) in positions {
            var checked = position
            if checked.check(try await info(stream, client, at: position.id)) {
                hasGap = true
                await receive(.gap(stream: stream))
            }
            positions[stream] = checked
        }
        return hasGap
    }

    /// Waits for what comes next: at most `count` entries of each stream, or, where that is `nil`, one of each by itself.
    private func next(
        _ positions: [String: StreamPosition],
        _ count: Int?,
        _ client: RedisClient
    ) async throws(RedisError) -> [(stream: String, entries: [Entry])] {
        if let count { return Self.entries(try await client.send(command(positions, count))) }
        var parts: [(stream: String, entries: [Entry])] = []
        for (stream, position) in positions {
            if let entry = try await one("XRANGE", of: stream, "(\(position.id)", "+", client) { parts.append((stream, [entry])) }
        }
        return parts
    }

    /// The first entry of a range, of which more may not be readable; its event is empty where it is too long.
    private func one(
        _ range: String,
        of stream: String,
        _ from: String,
        _ to: String,
        _ client: RedisClient
    ) async throws(RedisError) -> Entry? {
        let arguments: [RedisArgument] = [.string(range), .string(from), .string(to), .integer(Self.longestEvent)]
        let parts = try await client.run(StreamReadScripts.one, keys: [stream], arguments: arguments).array ?? []
        guard let id = parts.first?.string.flatMap({ StreamPosition.ID($0) }) else { return nil }
        return (id, parts.dropFirst().first?.buffer ?? ByteBuffer())
    }

    private func command(_ positions: [String: StreamPosition], _ count: Int) -> RedisCommand {
        let sorted = positions.sorted { $0.key < $1.key }
        var arguments: [RedisArgument] = ["COUNT", .integer(count), "BLOCK", .integer(Int(Self.block.inMilliseconds)), "STREAMS"]
        arguments += sorted.map { .string($0.key) }
        arguments += sorted.map { .string($0.value.id.description) }
        return RedisCommand("XREAD", arguments, key: sorted.first?.key, timeout: Self.block + Self.patience)
    }

    /// The entries of an answer to `XREAD`: of version 3 a map, of version 2 pairs.
    private static func entries(_ answer: RESPValue) -> [(stream: String, entries: [Entry])] {
        var streams: [(name: RESPValue, entries: RESPValue)] = []
        if case .map(let pairs) = answer {
            streams = pairs.map { ($0.key, $0.value) }
        } else {
            streams = (answer.array ?? []).compactMap { pair in
                guard let parts = pair.array, parts.count == 2 else { return nil }
                return (parts[0], parts[1])
            }
        }
        return streams.compactMap { stream in
            guard let name = stream.name.string else { return nil }
            return (name, (stream.entries.array ?? []).compactMap { entry($0) })
        }
    }

    private static func entry(_ value: RESPValue) -> Entry? {
        guard let parts = value.array, parts.count == 2, let id = parts[0].string.flatMap({ StreamPosition.ID($0) }) else { return nil }
        return (id, parts[1].pairs?.first { $0.key.string == "event" }?.value.buffer ?? ByteBuffer())
    }

    private static func bytes(of entries: [Entry]) -> Int { entries.reduce(0) { $0 + $1.event.readableBytes } }

    // MARK: What was there before

    /// The most entries of a stream that are read of the time before the node started.
    private static let backlogCount = 100_000

    /// What a stream got between `oldest` and where reading begins: the newest of it, in order, and whether that is all.
    func backlog(
        of stream: String,
        since oldest: StreamPosition.ID,
        upTo position: StreamPosition
    ) async throws(RedisError) -> (entries: [Entry], isWhole: Bool) {
        guard let client = readers.first(where: { $0.streams.contains(stream) })?.client, position.id >= oldest else { return ([], true) }
        var entries: [Entry] = []
        var end = position.id.description
        var pace = StreamPace()
        while entries.count < Self.backlogCount {
            do {
                let (page, isLast) = try await page("XREVRANGE", of: stream, end, oldest.description, pace.count, client)
                pace.succeeded(bytes: Self.bytes(of: page))
                entries += page
                guard !isLast, let last = page.last else { return (entries.reversed(), true) }
                end = "(\(last.id)"
            } catch {
                // Who begins says that Redis does not answer, instead of waiting for it.
                guard pace.failed(error) else { throw error }
            }
        }
        return (entries.reversed(), false)
    }

    /// Gives `receive` what a stream got from `oldest` on up to where reading begins, in order and page by page: however much it is, little of
    /// it is here at once.
    func pages(
        of stream: String,
        from oldest: StreamPosition.ID,
        upTo position: StreamPosition,
        _ receive: ([Entry]) async -> Void
    ) async throws(RedisError) {
        guard let client = readers.first(where: { $0.streams.contains(stream) })?.client, position.id >= oldest else { return }
        var begin = oldest.description
        var pace = StreamPace()
        while true {
            do {
                let (page, isLast) = try await page("XRANGE", of: stream, begin, position.id.description, pace.count, client)
                pace.succeeded(bytes: Self.bytes(of: page))
                await receive(page)
                guard !isLast, let last = page.last else { return }
                begin = "(\(last.id)"
            } catch {
                guard pace.failed(error) else { throw error }
            }
        }
    }

    /// Entries in the order of a range, and whether there are no more.
    private func page(
        _ range: String,
        of stream: String,
        _ from: String,
        _ to: String,
        _ count: Int?,
        _ client: RedisClient
    ) async throws(RedisError) -> (entries: [Entry], isLast: Bool) {
        guard let count else {
            let entry = try await one(range, of: stream, from, to, client)
            return (entry.map { [$0] } ?? [], entry == nil)
        }
        let arguments: [RedisArgument] = [.string(stream), .string(from), .string(to), "COUNT", .integer(count)]
        let page = try await client.send(RedisCommand(range, arguments, key: stream)).array ?? []
        return (page.compactMap { Self.entry($0) }, page.count < count)
    }

    private func info(
        _ stream: String,
        _ client: RedisClient,
        at position: StreamPosition.ID = .zero
    ) async throws(RedisError) -> StreamPosition.Info {
        let parts = try await client.run(StreamReadScripts.info, keys: [stream], arguments: [.string(position.description)]).array ?? []
        // There is none yet.
        guard parts.count == 5 else { return StreamPosition.Info() }
        func id(_ value: RESPValue) -> StreamPosition.ID? { value.string.flatMap { StreamPosition.ID($0) } }
        return StreamPosition.Info(
            added: parts[0].integer.map { Int($0) } ?? 0,
            length: parts[1].integer.map { Int($0) } ?? 0,
            first: id(parts[2]),
            last: id(parts[3]) ?? .zero,
            holdsPosition: parts[4].integer != 0
        )
    }
}
