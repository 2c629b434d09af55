import GatewayDomain
import Testing

@Suite("EventLog")
struct EventLogTests {
    /// Each event takes 16 bytes and the length of its name.
    private func log(_ numbers: ClosedRange<UInt64>, after last: UInt64 = 0, events: Int = 100, bytes: Int = 1000) -> EventLog {
        var log = EventLog(after: last)
        for number in numbers { append("e\(number)", number: number, bounds: .init(events: events, bytes: bytes), to: &log) }
        return log
    }

    private func append(_ text: String, number: UInt64, bounds: EventLog.Bounds = .init(events: 100, bytes: 1000), to log: inout EventLog) {
        let bytes = Array(text.utf8)
        log.append(bytes.span, key: "", timestamp: 0, number: number, bounds: bounds)
    }

    private func texts(_ events: [EventLog.Event]?) -> [String]? { events?.map { String(decoding: $0.text, as: UTF8.self) } }

    @Test func givesWhatCameAfterANumber() {
        let log = log(1...5)
        #expect(texts(log.events(after: 3)) == ["e4", "e5"])
        #expect(log.events(after: 3)?.map(\.number) == [4, 5])
        #expect(texts(log.events(after: 0)) == ["e1", "e2", "e3", "e4", "e5"])
        #expect(log.events(after: 5)?.isEmpty == true)
    }

    @Test func givesThemAsTheyWereAppended() {
        var log = EventLog(after: 0)
        let bounds = EventLog.Bounds(events: 9, bytes: 1000)
        log.append([1, 0, 255].span, key: "1m", timestamp: 1_700_000_000_123, number: 1, bounds: bounds)
        log.append([UInt8]().span, key: "", timestamp: .min, number: 2, bounds: bounds)
        log.append([7].span, key: "\u{1F40D}", timestamp: -1, number: 3, bounds: bounds)
        let events = log.events(after: 0)
        #expect(events?.map(\.text) == [[1, 0, 255], [], [7]])
        #expect(events?.map(\.key) == ["1m", "", "\u{1F40D}"])
        #expect(events?.map(\.timestamp) == [1_700_000_000_123, .min, -1])
        #expect(log.byteCount == 3 * 16 + 4 + 6)
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
        #expect(log.byteCount == 3 * 16 + 3 + 3 + 4)
        #expect(texts(log.events(after: 97)) == ["e98", "e99", "e100"])
        #expect(log.events(after: 96) == nil)
    }

    @Test func letsGoOfTheOldestBeyondItsBytes() {
        var log = log(1...10, bytes: 40)
        #expect(log.events(after: 8)?.map(\.number) == [9, 10])
        #expect(log.events(after: 7) == nil)
        // An event larger than the whole bound is not kept, and nothing before it either.
        append(String(repeating: "x", count: 25), number: 11, bounds: .init(events: 100, bytes: 40), to: &log)
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
        append("e4", number: 4, to: &log)
        #expect(texts(log.events(after: 3)) == ["e4"])
        append("e9", number: 9, to: &log)
        #expect(texts(log.events(after: 8)) == ["e9"])
        #expect(log.events(after: 3) == nil)
        #expect(log.byteCount == 18)
    }

    @Test(arguments: [(7, 160), (1000, 3000), (40, 100_000)])
    func agreesWithAListThatKeepsEverything(_ most: Int, _ bytes: Int) {
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let bounds = EventLog.Bounds(events: most, bytes: bytes)
        var log = EventLog(after: 0)
        var kept: [(key: String, text: [UInt8])] = []
        for number in 1...1000 as ClosedRange<UInt64> {
            let event = (key: String(repeating: "k", count: random(3)), text: (0..<random(90)).map { _ in UInt8(random(256)) })
            kept.append(event)
            log.append(event.text.span, key: event.key, timestamp: Int64(number), number: number, bounds: bounds)
            func size() -> Int { kept.reduce(0) { $0 + $1.text.count + $1.key.utf8.count + 16 } }
            while kept.count > most || size() > bytes { kept.removeFirst() }
            #expect(log.count == kept.count)
            #expect(log.byteCount == size())
            let events = log.events(after: number - UInt64(kept.count))
            #expect(events?.map(\.text) == kept.map(\.text))
            #expect(events?.map(\.key) == kept.map(\.key))
            #expect(events?.last?.timestamp == (kept.isEmpty ? nil : Int64(number)))
        }
    }
}
