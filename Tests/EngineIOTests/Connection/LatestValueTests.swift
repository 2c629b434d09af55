import EngineIOCore
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

/// The two lanes of a connection that waits.
@Suite("Latest values in the outbound queue")
final class LatestValueTests {
    private var queue = OutboundQueue()
    private let now = MonotonicInstant(nanoseconds: 1)

    @discardableResult
    private func put(_ sensor: String, _ number: Int) -> Bool {
        queue.append(Reading(sensor, number).makeFrame(), conflates: true, now: now)
    }

    private func say(_ text: String) {
        let replaced = queue.append(OutboundFrame(text: text), conflates: true, now: now)
        #expect(!replaced)
    }

    private func takeTexts(upTo limit: Int = .max) -> [String] {
        queue.take(upTo: limit, now: now).map { String(buffer: $0.textPacket) }
    }

    @Test func aNewerValueTakesThePlaceOfTheOlder() {
        #expect(!put("a", 1))
        #expect(!put("b", 2))
        #expect(put("a", 3))
        #expect(put("a", 4))
        #expect(takeTexts() == ["4a1-4", "4b2-2"])
        #expect(queue.isEmpty)
        #expect(queue.byteCount == 0)
    }

    @Test func everyMessageGoesAhead() {
        put("a", 1)
        say("4x")
        put("a", 2)
        say("4y")
        #expect(takeTexts() == ["4x", "4y", "4a1-2"])
    }

    @Test func valuesWaitWhileMessagesDo() {
        put("a", 1)
        say("4x")
        say("4y")
        #expect(takeTexts(upTo: 1) == ["4x"])
        #expect(put("a", 2))
        #expect(takeTexts(upTo: 1) == ["4y"])
        #expect(takeTexts(upTo: 1) == ["4a1-2"])
        #expect(takeTexts().isEmpty)
    }

    @Test func whatNobodyReplacedIsTheFrameOfAll() {
        let frame = Reading("a", 1).makeFrame()
        _ = queue.append(frame, conflates: true, now: now)
        let taken = queue.take(upTo: .max, now: now)
        #expect(taken.count == 1 && taken.first === frame)
    }

    @Test func countsTheBytesOfWhatIsLeft() {
        put("a", 9)
        #expect(queue.byteCount == "4a9-9".utf8.count + 2)
        put("a", 10)
        #expect(queue.byteCount == "4a9-10".utf8.count + 2)
        say("4x")
        #expect(queue.byteCount == "4a9-10".utf8.count + 2 + 4)
        #expect(takeTexts().count == 2)
        #expect(queue.byteCount == 0)
    }

    @Test func aPollingClientGetsAllInOrder() {
        _ = queue.append(Reading("a", 1).makeFrame(), conflates: false, now: now)
        say("4x")
        _ = queue.append(Reading("a", 2).makeFrame(), conflates: false, now: now)
        let all = queue.takeAll().map { String(buffer: $0.textPacket) }
        #expect(all == ["4a1-1", "4x", "4a2-2"])
    }

    @Test func forgetsAGroup() {
        put("a", 1)
        put("b", 1)
        say("4x")
        queue.forget(group: "rooms")
        #expect(queue.byteCount == 2 * ("4a1-1".utf8.count + 2) + 4)
        queue.forget(group: "sensors")
        #expect(queue.byteCount == 4)
        #expect(takeTexts() == ["4x"])
        #expect(queue.isEmpty)
    }

    @Test func forgetsTheGroupsThatMatch() {
        put("a", 1)
        queue.forget { $0 == "rooms" }
        #expect(!queue.isEmpty)
        queue.forget { $0.hasPrefix("sens") }
        #expect(queue.isEmpty)
        #expect(queue.byteCount == 0)
    }

    /// Whatever comes and goes: each message once and in order, of each key a chain of ranges without a gap that ends with the newest.
    @Test(arguments: 0..<50) func nothingIsMissing(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var said = 0
        var sent: [String: Int] = [:]
        var texts: [String] = []
        for _ in 0..<300 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                said += 1
                say("4m\(said)")
            case 1...3:
                let sensor = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
                sent[sensor, default: 0] += 1
                put(sensor, sent[sensor] ?? 0)
            default:
                texts += takeTexts(upTo: Int.random(in: 0..<40, using: &generator))
            }
        }
        texts += takeTexts()
        #expect(texts.filter { $0.hasPrefix("4m") } == (0..<said).map { "4m\($0 + 1)" })
        for (sensor, newest) in sent {
            var covered = 0
            for text in texts where text.hasPrefix("4" + sensor) {
                let range = text.dropFirst(2).split(separator: "-").compactMap { Int($0) }
                #expect(range.first == covered + 1)
                covered = range.last ?? 0
            }
            #expect(covered == newest)
        }
    }
}
