import GatewayDomain
import NIOCore
import RESP
import RedisClient
import Synchronization

/// Keeps the changes of order books on Redis few: once there are many since the last whole book, they and it become a new one.
///
/// Off the way of publishing, and by whichever node publishes; the step that replaces the book fails where somebody else was faster.
final class BookCompaction: Sendable {
    private let client: RedisClient
    private let running = Mutex<Set<Room>>([])

    /// After so many changes.
    static let threshold = 256

    init(client: RedisClient) {
        self.client = client
    }

    /// A change has been kept; there are `count` now.
    func changeWasKept(_ room: Room, count: Int) {
        guard count >= Self.threshold, running.withLock({ $0.insert(room).inserted }) else { return }
        Task {
            // Where it fails the next change tries again.
            try? await compact(room)
            running.withLock { _ = $0.remove(room) }
        }
    }

    private func compact(_ room: Room) async throws {
        let keys = [BusName.last(of: room), BusName.changes(of: room)]
        let answer = try await client.run(BookScripts.read, keys: keys)
        guard let parts = answer.array, parts.count == 2, let whole = parts[0].buffer, let changes = parts[1].array else { return }
        let book = Self.merge(whole, changes.compactMap(\.buffer), room: room, now: WallClock.milliseconds())
        _ = try await client.run(
            BookScripts.compact,
            keys: keys,
            arguments: [.buffer(whole), .buffer(book ?? ByteBuffer()), .integer(changes.count), .integer(RedisPublisher.lastValueLifetime)]
        )
    }

    /// The whole book after these changes as an envelope; `nil` where one of them cannot be read, and the book is unknown.
    static func merge(_ whole: ByteBuffer, _ changes: [ByteBuffer], room: Room, now: Int64) -> ByteBuffer? {
        guard let base = try? Envelope(json: Array(whole.readableBytesView)), !base.isDelta else { return nil }
        var channel = BookChannel(
            room: room,
            symbol: base.symbol ?? "",
            epoch: "",
            maximumLevels: EventRouter.Configuration().bookLevels
        )
        guard channel.replace(with: base.data, timestamp: base.timestamp ?? now) else { return nil }
        for text in changes {
            guard let change = try? Envelope(json: Array(text.readableBytesView)), change.isDelta,
                channel.change(by: change.data, timestamp: change.timestamp ?? channel.timestamp)
            else { return nil }
        }
        guard let book = channel.book else { return nil }
        var buffer = ByteBuffer(string: "{\"type\":\"\(base.type.rawValue)\",\"symbol\":\"\(channel.symbol)\"")
        buffer.writeString(",\"timestamp\":\(channel.timestamp),\"data\":{")
        let count = channel.maximumLevels
        BookText.write(bids: book.topBids(count), asks: book.topAsks(count), into: &buffer)
        buffer.writeString("}}")
        return buffer
    }
}
