import Testing

@testable import Gateway

@Suite("OrderedResults")
struct OrderedResultsTests {
    @Test func resultsWaitForThoseBeforeThem() {
        var results = OrderedResults<String>()
        let tickets = (0..<4).map { _ in results.ticket() }
        #expect(results.pending == 4)
        #expect(results.complete(tickets[2], "c") == [])
        #expect(results.complete(tickets[1], "b") == [])
        #expect(results.complete(tickets[0], "a") == ["a", "b", "c"])
        #expect(results.pending == 1)
        #expect(results.complete(tickets[3], "d") == ["d"])
        #expect(results.pending == 0)
    }

    @Test func everyOrderOfArrivalGivesTheOrderOfRequests() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            var results = OrderedResults<Int>()
            let tickets = (0..<8).map { ($0, results.ticket()) }
            var given: [Int] = []
            for (number, ticket) in tickets.shuffled(using: &generator) { given += results.complete(ticket, number) }
            #expect(given == Array(0..<8))
        }
    }
}
