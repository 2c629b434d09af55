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
        let steps = plan(envelopes, now: WallClock.milliseconds())
        let keeping = steps.prefix(while: \.place.isKeeping)
        if client.isCluster {
            // Kept on one node, said on another: two steps, so that nothing is said that is not kept yet.
            try await run(keeping)
            try await run(steps[keeping.endIndex...])
        } else {
            try await run(steps[...])
        }
    }

    /// One of the things that publishing takes, and how it is done.
    typealias Step = (place: BusWrite.Place, command: RedisCommand)

    /// What publishing the envelopes takes; what keeps something first.
    ///
    /// All that goes to one place is one command: Redis may refuse one now and then, as while nobody has the slot or the server reads its
    /// files, and what is sent again then comes behind what was sent with it and taken.
    func plan(_ envelopes: [Envelope], now: Int64) -> [Step] {
        var places: [(place: BusWrite.Place, writes: [Write])] = []
        var indices: [BusWrite.Place: Int] = [:]
        for envelope in envelopes {
            let payload = envelope.wire(receivedAt: now)
            for write in BusWrite.plan(envelope) {
                if let index = indices[write.place] {
                    places[index].writes.append((write, payload))
                } else {
                    indices[write.place] = places.count
                    places.append((write.place, [(write, payload)]))
                }
            }
        }
        let steps = places.map { (place: $0.place, command: command($0.place, $0.writes, now: now)) }
        return steps.filter(\.place.isKeeping) + steps.filter { !$0.place.isKeeping }
    }

    private typealias Write = (write: BusWrite, payload: ByteBuffer)

    private func run(_ steps: ArraySlice<Step>) async throws {
        let answers = await client.pipeline(steps.map(\.command))
        for (step, answer) in zip(steps, answers) {
            switch answer {
            case .success(let value):
                if case .book(let room) = step.place, let count = value.integer { compaction.changeWasKept(room, count: Int(count)) }
            case .failure(let error):
                throw BusError("Redis did not take \(step.command.name): \(error)")
            }
        }
    }

    private func command(_ place: BusWrite.Place, _ writes: [Write], now: Int64) -> RedisCommand {
        let lifetime = RedisArgument.integer(Self.lastValueLifetime)
        let payloads = writes.map { RedisArgument.buffer($0.payload) }
        let newest = payloads[payloads.count - 1]
        switch place {
        case .stream(let type):
            let stream = BusStream.events(type)
            if payloads.count == 1 { return Self.append(newest, to: stream, now: now) }
            return script(StreamScripts.append, [stream.name], [.string("\(Self.oldest(now))")] + payloads)
        case .last(let room):
            let key = BusName.last(of: room)
            return RedisCommand("SET", "\(key)", newest, "EX", lifetime, key: key)
        case .candles(let room):
            return script(BookScripts.keepCandles, [BusName.candles(of: room)], [lifetime] + Self.candles(writes))
        case .book(let room):
            return script(BookScripts.keep, [BusName.last(of: room), BusName.changes(of: room)], [lifetime] + Self.books(writes))
        case .channel(let channel):
            let name = client.isCluster ? "SPUBLISH" : "PUBLISH"
            if payloads.count == 1 { return RedisCommand("\(name)", "\(channel)", newest, key: channel) }
            return script(ChannelScripts.announce, [channel], [.string(name)] + payloads)
        }
    }

    /// The newest candle of each field.
    private static func candles(_ writes: [Write]) -> [RedisArgument] {
        var newest: [String: ByteBuffer] = [:]
        for (write, payload) in writes {
            if case .keepCandle(_, let field) = write { newest[field] = payload }
        }
        return newest.sorted { $0.key < $1.key }.flatMap { [.string($0.key), .buffer($0.value)] }
    }

    /// The changes of a book, from the last whole one on.
    private static func books(_ writes: [Write]) -> [RedisArgument] {
        let isWhole = { (write: Write) in if case .keepBook = write.write { true } else { false } }
        let first = writes.lastIndex(where: isWhole) ?? writes.startIndex
        return writes[first...].flatMap { [.string(isWhole($0) ? "whole" : "change"), .buffer($0.payload)] }
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

/// Steps on channels that have to be one.
enum ChannelScripts {
    /// Says one thing after the other.
    static let announce = "for i=2,#ARGV do redis.call(ARGV[1],KEYS[1],ARGV[i]) end return 0"
}

/// Steps on order books that have to be one.
enum BookScripts {
    /// Keeps a whole book, forgetting the changes of the one before, and changes behind the whole book that there is. Answers how many changes
    /// there are now, -1 where there is no book to change.
    static let keep = """
        local n=0 \
        for i=2,#ARGV,2 do \
        if ARGV[i]=='whole' then redis.call('SET',KEYS[1],ARGV[i+1]) redis.call('DEL',KEYS[2]) \
        elseif redis.call('EXISTS',KEYS[1])==0 then return -1 \
        else n=redis.call('RPUSH',KEYS[2],ARGV[i+1]) end end \
        redis.call('EXPIRE',KEYS[1],ARGV[1]) redis.call('EXPIRE',KEYS[2],ARGV[1]) return n
        """

    /// Keeps candles.
    static let keepCandles = """
        for i=2,#ARGV,2 do redis.call('HSET',KEYS[1],ARGV[i],ARGV[i+1]) end return redis.call('EXPIRE',KEYS[1],ARGV[1])
        """

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
