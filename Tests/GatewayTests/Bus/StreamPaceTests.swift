import RedisClient
import Testing

@testable import Gateway

@Suite("StreamPace")
struct StreamPaceTests {
    @Test func whatIsTooLargeOrTooSlowIsAskedForInSmallerPartsAndOneByOneInTheEnd() {
        var pace = StreamPace()
        var counts: [Int?] = [pace.count]
        for code in [RedisError.Code.protocolViolation, .timeout, .timeout] {
            let isWorthIt = pace.failed(RedisError(code, ""))
            #expect(isWorthIt)
            counts.append(pace.count)
        }
        #expect(counts == [500, 62, 7, nil])
        let isWorthIt = pace.failed(RedisError(.timeout, ""))
        #expect(!isWorthIt)
    }

    @Test func aServerThatIsAwayOrRefusesSaysNothingOfTheSize() {
        var pace = StreamPace()
        for code in [RedisError.Code.connection, .reply, .overloaded] {
            let isWorthIt = pace.failed(RedisError(code, ""))
            #expect(!isWorthIt)
        }
        #expect(pace.count == 500)
    }

    @Test func moreIsAskedForAgainUnlessItWouldBeTooMuch() {
        var pace = StreamPace()
        for _ in 0..<3 { pace.failed(RedisError(.protocolViolation, "")) }
        var counts: [Int?] = []
        for _ in 0..<10 {
            pace.succeeded(bytes: 1_000_000)
            counts.append(pace.count)
        }
        #expect(counts == [1, 2, 4, 8, 16, 32, 64, 128, 256, 500])
        pace.failed(RedisError(.protocolViolation, ""))
        pace.succeeded(bytes: 100_000_000)
        #expect(pace.count == 62)
    }
}
