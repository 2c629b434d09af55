import Logging
import NIOCore
import RESP
import Synchronization

/// Reads streams from a position on, entry after entry, over connections of its own: on a cluster one for each slot.
///
/// The position is kept over cuts: nothing is skipped, and an entry comes twice only where `receive` did not return. What was trimmed before
/// it could be read is reported.
public final class RedisStreamReader: Sendable {
    private let client: RedisClient
    private let count: Int
    private let block: Duration
    private let current: Mutex<[String: String]>

    /// A reader.
    ///
    /// - Parameters:
    ///   - client: Says where Redis is. It has been started.
    ///   - streams: The streams, and of each the last entry that has been read: `0` for all there are, `$` for those that come from now on,
    ///     which is looked up once, when ``run(_:gap:)`` begins.
    ///   - count: The most entries of a stream that are read at once.
    ///   - block: How long Redis waits for entries before it says that there are none.
    public init(client: RedisClient, streams: [String: String], count: Int = 100, block: Duration = .seconds(5)) {
        self.client = client
        self.count = count
        self.block = block
        self.current = Mutex(streams)
    }

    /// The last entry of each stream that has been handed over.
    public var positions: [String: String] { current.withLock { $0 } }

    /// Reads until the task is cancelled.
    ///
    /// - Parameters:
    ///   - receive: Gets entries, those of a stream in their order. The next are read when it returns. Streams of several slots come at the
    ///     same time.
    ///   - gap: Is told what is missing, before the entries behind it are handed over. It may be told of a gap where there is none (the entry
    ///     read last was the last that was trimmed), never the other way.
    public func run(
        _ receive: @escaping @Sendable ([RedisStreamEntry]) async -> Void,
        gap: @escaping @Sendable (RedisStreamGap) async -> Void = { _ in }
    ) async {
        let streams = positions
        let groups = client.isCluster ? Dictionary(grouping: streams.keys) { HashSlot(of: $0).number } : [0: Array(streams.keys)]
        await withTaskGroup(of: Void.self) { tasks in
            for names in groups.values where !names.isEmpty {
                tasks.addTask { await self.read(names.sorted(), receive, gap) }
            }
        }
    }

    private func read(
        _ names: [String],
        _ receive: @Sendable ([RedisStreamEntry]) async -> Void,
        _ gap: @Sendable (RedisStreamGap) async -> Void
    ) async {
        var backoff = Backoff(client.configuration.backoff)
        var generator = SystemRandomNumberGenerator()
        var state: StreamPositions?
        var isTold = false
        while !Task.isCancelled {
            let reader = await client.another()
            await withTaskCancellationHandler {
                do throws(RedisError) {
                    try await reader.start()
                    var interruptions = reader.interruptions
                    var positions: StreamPositions
                    if let known = state { positions = known } else { positions = try await resolve(names, reader) }
                    state = positions
                    while !Task.isCancelled {
                        try await step(&positions, &interruptions, reader, receive, gap)
                        state = positions
                        // Not before: a connection alone does not say that the streams can be read.
                        backoff.succeeded()
                        isTold = false
                    }
                } catch {
                    let code = error.code
                    state?.failed(isUnreadable: code == .protocolViolation)
                    // Cuts end by themselves; about these an operator has to do something, and is told once.
                    let isLasting = code == .reply || code == .protocolViolation || code == .configuration
                    client.environment.logger.log(
                        level: isLasting && !isTold ? .warning : .debug,
                        "streams cannot be read, trying again",
                        metadata: ["streams": "\(names.joined(separator: ", "))", "error": "\(error)"]
                    )
                    isTold = isTold || isLasting
                }
            } onCancel: {
                Task { await reader.shutdown() }
            }
            await reader.shutdown()
            if !Task.isCancelled { try? await Task.sleep(for: backoff.failed(using: &generator)) }
        }
    }

    /// One command, and what came of it.
    private func step(
        _ positions: inout StreamPositions,
        _ interruptions: inout Int,
        _ reader: RedisClient,
        _ receive: @Sendable ([RedisStreamEntry]) async -> Void,
        _ gap: @Sendable (RedisStreamGap) async -> Void
    ) async throws(RedisError) {
        let names = positions.streams
        let wait = TimeAmount(block).nanoseconds / 1_000_000
        let arguments: [RedisArgument] =
            ["COUNT", .integer(positions.count), "BLOCK", .integer(Int(max(1, wait))), "STREAMS"] + names.map { .string($0) }
            + names.map { .string(positions.last[$0] ?? StreamPositions.beginning) }
        let command = RedisCommand("XREAD", arguments, key: names.first, timeout: block + client.configuration.commandTimeout)
        guard let entries = RedisStreamEntry.all(in: try await reader.send(command)) else {
            throw RedisError(.protocolViolation, "Redis answered XREAD with what are no entries")
        }
        // The command may have waited for another connection than the last one's.
        let now = reader.interruptions
        if now != interruptions { positions.interrupted() }
        interruptions = now
        guard !entries.isEmpty else { return }
        var next = positions
        for missing in next.received(entries) {
            let after = RedisArgument.string(missing.after)
            let found = try await reader.send(RedisCommand("XRANGE", .string(missing.stream), after, after, key: missing.stream))
            if found.array?.isEmpty != false { await gap(missing) }
        }
        await receive(entries)
        positions = next
        current.withLock { current in
            for name in names { current[name] = next.last[name] }
        }
    }

    /// Where `$` is: behind the last entry that there has ever been.
    private func resolve(_ names: [String], _ reader: RedisClient) async throws(RedisError) -> StreamPositions {
        var last: [String: String] = [:]
        for name in names {
            switch positions[name] ?? "$" {
            case "$":
                do {
                    let info = try await reader.send(RedisCommand("XINFO", "STREAM", .string(name), key: name))
                    last[name] = info["last-generated-id"]?.string ?? StreamPositions.beginning
                } catch {
                    // There is no such stream yet.
                    guard error.reply?.message.contains("no such key") == true else { throw error }
                    last[name] = StreamPositions.beginning
                }
            case "0": last[name] = StreamPositions.beginning
            case let id: last[name] = id
            }
        }
        let resolved = last
        current.withLock { current in current.merge(resolved) { $1 } }
        return StreamPositions(last, count: count)
    }
}

extension RedisClient {
    /// A client for a reader: one that blocks its connections. It begins with the servers that there are now, which need not be those of the
    /// settings any more.
    func another() async -> RedisClient {
        let addresses = await withCheckedContinuation { continuation in
            environment.eventLoop.execute { continuation.resume(returning: self.core.seeds) }
        }
        return RedisClient(environment.with(addresses: addresses))
    }
}
