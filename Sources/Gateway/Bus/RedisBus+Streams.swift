import GatewayDomain
import Logging
import NIOCore
import RedisClient
import SocketIOCore

/// What comes by streams: read whole, and from where reading stopped.
extension RedisBus {
    /// Begins to read, behind what clients may still ask for of the time before.
    func startStreams() async throws(RedisError) -> StreamTail {
        let streams = Dictionary(uniqueKeysWithValues: BusStream.all.map { ($0.name, $0) })
        let tail = try StreamTail(streams: Array(streams.keys), like: client, group: router.eventLoop, logger: logger)
        let positions = try await tail.start()
        try await readBacklog(of: tail, upTo: positions)
        try await readMissedNotifications(of: tail, upTo: positions[BusStream.events(.notification).name])
        Task { [weak self] in
            await tail.run(from: positions) { [weak self] part in
                switch part {
                case .entries(let name, let entries):
                    guard let stream = streams[name] else { return }
                    await self?.read(entries, of: stream)
                case .gap(let name):
                    guard let self, let stream = streams[name] else { return }
                    logger.error("Redis trimmed or lost events of a stream before they were read", metadata: ["stream": "\(name)"])
                    try? await router.eventLoop.submit { self.router.busHasGap(in: stream) }.get()
                }
            }
        }
        return tail
    }

    /// Reads what clients that were on other nodes may have missed before this node began. Nobody is here yet who could get it.
    private func readBacklog(of tail: StreamTail, upTo positions: [String: StreamPosition]) async throws(RedisError) {
        guard let backlog else { return }
        let oldest = StreamPosition.ID(milliseconds: UInt64(max(0, WallClock.milliseconds() - backlog.inMilliseconds)), number: 0)
        for (source, stream) in BusStream.recoverable.enumerated() {
            guard let position = positions[stream.name] else { continue }
            let (entries, isWhole) = try await tail.backlog(of: stream.name, since: oldest, upTo: position)
            if !isWhole { try? await router.eventLoop.submit { self.router.busHasGap(in: stream) }.get() }
            await read(entries, of: stream)
            let end = SourcePlace(source: source, id: SourceID(position.id))
            try? await router.eventLoop.submit { self.router.hasRead(end) }.get()
        }
    }

    /// What an entry of a stream holds.
    private enum Content {
        case event(Envelope)
        case message(GroupNotice)

        init(_ entry: StreamTail.Entry, of stream: BusStream) throws(EnvelopeError) {
            switch stream {
            case .events: self = .event(try Envelope(json: Array(entry.event.readableBytesView), naming: .entry(entry.id)))
            case .roomMessages:
                guard let notice = GroupNotice(entry.event) else { throw EnvelopeError("the entry is no message to a group") }
                self = .message(notice)
            }
        }
    }

    /// Takes in a part of a stream, and returns when it has been routed and kept: what is read is not lost by reading faster.
    private func read(_ entries: [StreamTail.Entry], of stream: BusStream) async {
        let parts = entries.map { entry in
            let place = stream.source.map { SourcePlace(source: $0, id: SourceID(entry.id)) }
            let content = Result { () throws(EnvelopeError) in try Content(entry, of: stream) }
            return (content: content, origin: EventOrigin.stream(place), bytes: entry.event.readableBytes)
        }
        try? await router.eventLoop.submit { [self] in
            for (content, origin, bytes) in parts {
                switch content {
                case .success(.event(let envelope)): router.receive(envelope, from: origin, bytes: bytes)
                case .success(.message(let notice)): router.receive(notice, from: origin, bytes: bytes)
                case .failure(let error): refuse(error, from: origin, bytes: bytes)
                }
            }
            if let end = parts.last?.origin.source(isPersonal: true) { router.hasRead(end) }
        }.get()
        let notified = parts.compactMap { part in
            if case .success(.event(let envelope)) = part.content, envelope.type == .notification { envelope.userID } else { nil }
        }
        if !notified.isEmpty { await settle(notified) }
        if stream == .events(.notification), let last = entries.last { noteRead(upTo: last.id) }
    }
}
