import GatewayDomain
import NIOCore
import RESP
import RedisClient

/// Notifications that Redis took while no node ran: the next node that begins keeps them for their users.
extension RedisBus {
    /// Where nodes note how far they have read the stream of notifications, for the one that begins next.
    private static let noteKey = BusStream.events(.notification).name + ":read"
    /// How long that is of use, in seconds: as long as what was told is remembered.
    private static let noteLifetime = 2 * 3600

    /// Notes that everything up to here has been kept. Of several nodes the last to say so counts: one that is behind makes the next beginning
    /// longer, and nothing else. So does a note that Redis does not take.
    func noteRead(upTo id: StreamPosition.ID) {
        let arguments: [RedisArgument] = [.string(Self.noteKey), .string(id.description), "EX", .integer(Self.noteLifetime)]
        client.submit(RedisCommand("SET", arguments, key: Self.noteKey))
    }

    /// Takes in what came before this node began and no node may have kept: what is published while none runs, and what one was given right
    /// before its end. What has been told is told no second time, also where its user has taken it in since: mailboxes remember it for longer
    /// than the stream does.
    func readMissedNotifications(of tail: StreamTail, upTo position: StreamPosition?) async throws(RedisError) {
        guard let position else { return }
        let note = try await client.send(RedisCommand("GET", [.string(Self.noteKey)], key: Self.noteKey)).string
        var missed = MissedNotifications(
            lastRead: note.flatMap { StreamPosition.ID($0) },
            end: position.id,
            age: RedisPublisher.streamAge,
            window: router.configuration.duplicateWindow,
            capacity: router.configuration.maxRememberedIDs,
            now: WallClock.milliseconds()
        )
        try await tail.pages(of: BusStream.events(.notification).name, from: missed.start, upTo: position) { entries in
            var found: [(envelope: Envelope, time: Int64, bytes: Int)] = []
            for entry in entries {
                // What is no envelope has been counted by who read it, or is of no use to anybody.
                guard let envelope = try? Envelope(json: Array(entry.event.readableBytesView), naming: .entry(entry.id)),
                    let time = missed.take(envelope, at: entry.id)
                else { continue }
                found.append((envelope, time, entry.event.readableBytes))
            }
            await take(missed: found)
            // A beginning that is ended is not to begin where this one has.
            if let last = entries.last, last.id >= missed.begin { noteRead(upTo: last.id) }
        }
    }

    /// Returns when all have been kept.
    private func take(missed found: [(envelope: Envelope, time: Int64, bytes: Int)]) async {
        guard !found.isEmpty else { return }
        try? await router.eventLoop.submit { [router] in
            for (envelope, time, bytes) in found { router.receive(missed: envelope, takenAt: time, bytes: bytes) }
        }.get()
        await settle(found.compactMap(\.envelope.userID))
    }
}
