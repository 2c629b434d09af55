import GatewayDomain
import NIOCore
import RESP
public import RedisClient

/// Publishes to every gateway on a Redis, whether one runs in this process or not.
public struct RedisPublisher: EventBus {
    private let client: RedisClient
    private let compaction: BookCompaction

    /// How long streams keep events.
    static let streamAge: Duration = .seconds(3600)
    /// How long last values are kept that nobody publishes anew, in seconds.
    static let lastValueLifetime = 7 * 86_400

    /// A publisher over `client`, which has been started.
    public init(client: RedisClient) {
        self.client = client
        compaction = BookCompaction(client: client)
    }

    /// Publishes events in their order; returns when Redis has taken all of them.
    ///
    /// - Throws: ``BusError`` where it has not.
    public func publish(_ envelopes: [Envelope]) async throws {
        guard !envelopes.isEmpty else { return }
        let plan = plan(envelopes, now: WallClock.milliseconds())
        if client.isCluster {
            // Kept on one node, said on another: two steps, so that nothing is said that is not kept yet.
            try await run(plan.filter(\.write.isKeeping))
            try await run(plan.filter { !$0.write.isKeeping })
        } else {
            try await run(plan)
        }
    }

    /// One of the things that publishing takes, and how it is done.
    typealias Step = (write: BusWrite, command: RedisCommand)

    /// What publishing the envelopes takes.
    ///
    /// All that goes to one stream is one command: Redis may refuse one now and then, as while nobody has the slot or the server reads its
    /// files, and what is sent again then comes behind what was sent with it and taken.
    func plan(_ envelopes: [Envelope], now: Int64) -> [Step] {
        var steps: [Step] = []
        var streams: [(type: EventType, entries: [RedisArgument])] = []
        for envelope in envelopes {
            let payload = envelope.wire(receivedAt: now)
            for write in BusWrite.plan(envelope) {
                guard case .append(let type) = write else {
                    steps.append((write, command(for: write, payload, now: now)))
                    continue
                }
                if let index = streams.firstIndex(where: { $0.type == type }) {
                    streams[index].entries.append(.buffer(payload))
                } else {
                    streams.append((type, [.buffer(payload)]))
                }
            }
        }
        return streams.map { (.append($0.type), append($0.entries, to: .events($0.type), now: now)) } + steps
    }

    private func append(_ entries: [RedisArgument], to stream: BusStream, now: Int64) -> RedisCommand {
        if entries.count == 1 { return Self.append(entries[0], to: stream, now: now) }
        return script(StreamScripts.append, [stream.name], ["\(Self.oldest(now))"] + entries)
    }

    private func run(_ plan: [Step]) async throws {
        let answers = await client.pipeline(plan.map(\.command))
        for (step, answer) in zip(plan, answers) {
            switch answer {
            case .success(let value):
                if case .changeBook(let room) = step.write, let count = value.integer { compaction.changeWasKept(room, count: Int(count)) }
            case .failure(let error):
                throw BusError("Redis did not take \(step.command.name): \(error)")
            }
        }
    }

    private func command(for write: BusWrite, _ payload: ByteBuffer, now: Int64) -> RedisCommand {
        let lifetime = RedisArgument.integer(Self.lastValueLifetime)
        switch write {
        case .append(let type): return Self.append(.buffer(payload), to: .events(type), now: now)
        case .keep(let room):
            let key = BusName.last(of: room)
            return RedisCommand("SET", "\(key)", .buffer(payload), "EX", lifetime, key: key)
        case .keepCandle(let room, let field):
            return script(BookScripts.keepCandle, [BusName.candles(of: room)], [.string(field), .buffer(payload), lifetime])
        case .keepBook(let room):
            return script(BookScripts.keep, [BusName.last(of: room), BusName.changes(of: room)], [.buffer(payload), lifetime])
        case .changeBook(let room):
            return script(BookScripts.change, [BusName.last(of: room), BusName.changes(of: room)], [.buffer(payload), lifetime])
        case .announce(let channel):
            return RedisCommand(client.isCluster ? "SPUBLISH" : "PUBLISH", "\(channel)", .buffer(payload), key: channel)
        }
    }

    /// Appends an entry to a stream, from which what is too old goes.
    static func append(_ entry: RedisArgument, to stream: BusStream, now: Int64) -> RedisCommand {
        RedisCommand("XADD", "\(stream.name)", "MINID", "~", "\(oldest(now))", "*", "event", entry, key: stream.name)
    }

    /// Entries before this one are too old for a stream.
    private static func oldest(_ now: Int64) -> Int64 { now - streamAge.inMilliseconds }

    /// By its source, because a pipeline cannot wait for the answer that a digest is not known.
    private func script(_ source: String, _ keys: [String], _ arguments: [RedisArgument]) -> RedisCommand {
        RedisCommand("EVAL", [.string(source), .integer(keys.count)] + keys.map { .string($0) } + arguments, key: keys[0])
    }
}

/// Steps on streams that have to be one.
enum StreamScripts {
    /// Appends entries one after the other, and takes away what is too old.
    static let append = """
        for i=2,#ARGV do redis.call('XADD',KEYS[1],'*','event',ARGV[i]) end \
        return redis.call('XTRIM',KEYS[1],'MINID','~',ARGV[1])
        """
}

/// Steps on order books that have to be one.
enum BookScripts {
    /// Keeps a whole book and forgets the changes of the one before.
    static let keep = "redis.call('SET',KEYS[1],ARGV[1],'EX',ARGV[2]) redis.call('DEL',KEYS[2]) return 0"

    /// Keeps changes behind the whole book that there is. Answers how many there are now, -1 where there is no book to change.
    static let change = """
        if redis.call('EXISTS',KEYS[1])==0 then return -1 end \
        local n=redis.call('RPUSH',KEYS[2],ARGV[1]) \
        redis.call('EXPIRE',KEYS[1],ARGV[2]) redis.call('EXPIRE',KEYS[2],ARGV[2]) return n
        """

    /// Keeps one candle.
    static let keepCandle = "redis.call('HSET',KEYS[1],ARGV[1],ARGV[2]) return redis.call('EXPIRE',KEYS[1],ARGV[3])"

    /// The whole book and the changes since, of one moment.
    static let read = RedisScript("return {redis.call('GET',KEYS[1]),redis.call('LRANGE',KEYS[2],0,-1)}")

    /// Puts a whole book in the place of an older one and the first of its changes, unless the older one has been replaced meanwhile. An
    /// empty book takes both away.
    static let compact = RedisScript(
        """
        if redis.call('GET',KEYS[1])~=ARGV[1] or redis.call('LLEN',KEYS[2])<tonumber(ARGV[3]) then return 0 end \
        if ARGV[2]=='' then redis.call('DEL',KEYS[1],KEYS[2]) return 1 end \
        redis.call('SET',KEYS[1],ARGV[2],'EX',ARGV[4]) redis.call('LTRIM',KEYS[2],ARGV[3],-1) return 1
        """
    )
}
