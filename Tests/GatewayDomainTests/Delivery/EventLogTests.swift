import GatewayDomain
import Testing

@Suite("EventLog")
struct EventLogTests {
    private func log(_ numbers: ClosedRange<UInt64>, after last: UInt64 = 0, events: Int = 100, bytes: Int = 1000) -> EventLog<String> {
        var log = EventLog<String>(after: last)
        for number in numbers { log.append("e\(number)", number: number, bytes: 10, bounds: .init(events: events, bytes: bytes)) }
        return log
    }

    @Test func givesWhatCameAfterANumber() {
        let log = log(1...5)
        #expect(log.events(after: 3)?.map(\.event) == ["e4", "e5"])
        #expect(log.events(after: 3)?.map(\.number) == [4, 5])
        #expect(log.events(after: 0)?.map(\.event) == ["e1", "e2", "e3", "e4", "e5"])
        #expect(log.events(after: 5)?.isEmpty == true)
    }

    @Test func knowsNothingOfWhatIsGoneOrHasNotCome() {
        let log = log(8...9, after: 7)
        #expect(log.events(after: 7)?.map(\.number) == [8, 9])
        #expect(log.events(after: 6) == nil)
        #expect(log.events(after: 0) == nil)
        #expect(log.events(after: 10) == nil)
        #expect(log.events(after: .max) == nil)
    }

    @Test func letsGoOfTheOldestBeyondItsEvents() {
        let log = log(1...100, events: 3)
        #expect(log.count == 3)
        #expect(log.byteCount == 30)
        #expect(log.events(after: 97)?.map(\.event) == ["e98", "e99", "e100"])
        #expect(log.events(after: 96) == nil)
    }

    @Test func letsGoOfTheOldestBeyondItsBytes() {
        var log = log(1...10, bytes: 25)
        #expect(log.events(after: 8)?.map(\.number) == [9, 10])
        #expect(log.events(after: 7) == nil)
        // An event larger than the whole bound is not kept, and nothing before it either.
        log.append("large", number: 11, bytes: 26, bounds: .init(events: 100, bytes: 25))
        #expect(log.count == 0)
        #expect(log.byteCount == 0)
        #expect(log.events(after: 11)?.isEmpty == true)
        #expect(log.events(after: 10) == nil)
    }

    @Test func beginsAnewAfterAClearingOrAGap() {
        var log = log(1...3)
        log.removeAll()
        #expect(log.events(after: 3)?.isEmpty == true)
        #expect(log.events(after: 2) == nil)
        log.append("e4", number: 4, bytes: 10, bounds: .init(events: 100, bytes: 1000))
        #expect(log.events(after: 3)?.map(\.event) == ["e4"])
        log.append("e9", number: 9, bytes: 10, bounds: .init(events: 100, bytes: 1000))
        #expect(log.events(after: 8)?.map(\.event) == ["e9"])
        #expect(log.events(after: 3) == nil)
        #expect(log.byteCount == 10)
    }

    @Test func agreesWithAListThatKeepsEverything() {
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let bounds = EventLog<Int>.Bounds(events: 7, bytes: 60)
        var log = EventLog<Int>(after: 0)
        var all: [(number: UInt64, bytes: Int)] = []
        for number in 1...2000 as ClosedRange<UInt64> {
            let bytes = random(30)
            all.append((number, bytes))
            log.append(Int(number), number: number, bytes: bytes, bounds: bounds)
            var kept = Array(all.suffix(bounds.events))
            while kept.reduce(0, { $0 + $1.bytes }) > bounds.bytes { kept.removeFirst() }
            #expect(log.count == kept.count)
            #expect(log.byteCount == kept.reduce(0) { $0 + $1.bytes })
            #expect(log.events(after: number - UInt64(kept.count))?.map(\.event) == kept.map { Int($0.number) })
        }
    }
}
