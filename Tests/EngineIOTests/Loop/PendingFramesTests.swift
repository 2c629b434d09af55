import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("PendingFrames")
struct PendingFramesTests {
    private var pending = PendingFrames()
    private let a = OutboundFrame(text: "4a")
    private let b = OutboundFrame(text: "4b")
    private let c = OutboundFrame(text: "4c")

    private mutating func sequence(_ frames: [OutboundFrame]) -> PendingFrames.Cursor {
        frames.reduce(PendingFrames.Cursor.none) { pending.appending($1, to: $0) }
    }

    private func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? {
        buffer.withUnsafeReadableBytes { $0.baseAddress }
    }

    @Test mutating func nothingIsPendingAtNone() {
        #expect(pending.count(.none) == 0)
        #expect(pending.byteCount(.none) == 0)
        #expect(pending.frames(.none).isEmpty)
    }

    @Test mutating func oneFrameIsItsOwnBuffer() {
        let cursor = sequence([a])
        #expect(pending.count(cursor) == 1)
        #expect(address(pending.bytes(cursor)) == address(a.webSocket))
    }

    @Test mutating func membersOfOneRoomShareTheBuffer() {
        let first = sequence([a, b, c])
        let second = sequence([a, b, c])
        #expect(first == second)
        let bytes = pending.bytes(first)
        #expect(address(bytes) == address(pending.bytes(second)))
        #expect(bytes == ByteBuffer(bytes: [0x81, 2, 0x34, 0x61, 0x81, 2, 0x34, 0x62, 0x81, 2, 0x34, 0x63]))
        #expect(pending.byteCount(first) == 12)
    }

    @Test mutating func aBroadcastMessageByMessageShares() {
        var cursors = Array(repeating: PendingFrames.Cursor.none, count: 5)
        for frame in [a, b, c] {
            for index in cursors.indices { cursors[index] = pending.appending(frame, to: cursors[index]) }
        }
        #expect(Set(cursors).count == 1)
    }

    @Test mutating func interleavedRoomsKeepTheirOrder() {
        let ab = sequence([a, b])
        let ba = sequence([b, a])
        let ac = sequence([a, c])
        let abAgain = sequence([a, b])
        #expect(ab != ba)
        #expect(areSame(pending.frames(ab), [a, b]))
        #expect(areSame(pending.frames(ba), [b, a]))
        #expect(areSame(pending.frames(ac), [a, c]))
        #expect(pending.bytes(abAgain) == pending.bytes(ab))
    }

    @Test mutating func randomSendsArriveInOrder() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<50 {
            var cursors = Array(repeating: PendingFrames.Cursor.none, count: 12)
            var model = Array(repeating: [OutboundFrame](), count: 12)
            for _ in 0..<60 {
                let frame = [a, b, c].randomElement(using: &generator) ?? a
                let room = Int.random(in: 1...5, using: &generator)
                for index in cursors.indices where index % room == 0 {
                    cursors[index] = pending.appending(frame, to: cursors[index])
                    model[index].append(frame)
                }
            }
            for index in cursors.indices where !model[index].isEmpty {
                var expected = ByteBuffer()
                for frame in model[index] { expected.writeImmutableBuffer(frame.webSocket) }
                #expect(pending.bytes(cursors[index]) == expected)
                #expect(pending.count(cursors[index]) == model[index].count)
                #expect(pending.byteCount(cursors[index]) == expected.readableBytes)
            }
            pending.removeAll()
        }
    }

    @Test mutating func aNewPassBeginsEmpty() {
        _ = sequence([a, b])
        pending.removeAll()
        let cursor = sequence([c])
        #expect(areSame(pending.frames(cursor), [c]))
    }
}
