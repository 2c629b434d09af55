import EngineIOCore
import Testing

@testable import EngineIO

@Suite("OutboundQueue")
struct OutboundQueueTests {
    private var queue = OutboundQueue()
    private let frames = ["4a", "4bb", "4ccc"].map { OutboundFrame(text: $0) }

    private func at(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test mutating func countsItsBytes() {
        #expect(queue.isEmpty)
        for frame in frames { _ = queue.append(frame, conflates: true, now: at(1)) }
        #expect(!queue.isEmpty)
        #expect(queue.byteCount == 4 + 5 + 6)
        let all = queue.takeAll()
        #expect(areSame(all, Array(frames)))
        #expect(queue.byteCount == 0)
        #expect(queue.waitingSince == nil)
    }

    @Test mutating func takesAboutTheLimitButAtLeastOne() {
        for frame in frames { _ = queue.append(frame, conflates: true, now: at(1)) }
        let none = queue.take(upTo: 0, now: at(2))
        #expect(areSame(none, Array(frames.prefix(1))))
        #expect(queue.byteCount == 11)
        let two = queue.take(upTo: 11, now: at(2))
        #expect(areSame(two, Array(frames.dropFirst())))
        #expect(queue.byteCount == 0)
        #expect(queue.isEmpty)
        let nothing = queue.take(upTo: 11, now: at(2))
        #expect(nothing.isEmpty)
    }

    @Test mutating func waitsSinceTheFirstOrTheLastProgress() {
        _ = queue.append(frames[0], conflates: true, now: at(5))
        _ = queue.append(frames[1], conflates: true, now: at(6))
        #expect(queue.waitingSince == at(5))
        _ = queue.take(upTo: 1, now: at(9))
        #expect(queue.waitingSince == at(9))
        #expect(OutboundQueue(waitingSince: at(3)).waitingSince == at(3))
    }

    @Test mutating func whatAClientHadMissedDoesNotCountNorWhatStandsBeforeIt() {
        _ = queue.append(frames[0], conflates: true, now: at(1))
        #expect(queue.countedBytes == 4)
        for frame in frames[1...] {
            _ = queue.append(frame, conflates: true, now: at(1))
            queue.discount()
        }
        #expect(queue.byteCount == 15)
        #expect(queue.countedBytes == 0)
        #expect(queue.holdsMissed)
        _ = queue.append(frames[0], conflates: true, now: at(1))
        #expect(queue.countedBytes == 4)
        // Taken are the missed ones first.
        _ = queue.take(upTo: 9, now: at(2))
        #expect(queue.byteCount == 10)
        #expect(queue.countedBytes == 4)
        _ = queue.take(upTo: 6, now: at(2))
        #expect(queue.countedBytes == 4)
        #expect(!queue.holdsMissed)
        _ = queue.take(upTo: 6, now: at(2))
        #expect(queue.countedBytes == 0)
        #expect(queue.isEmpty)
    }
}
