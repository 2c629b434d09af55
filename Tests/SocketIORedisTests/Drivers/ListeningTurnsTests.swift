import Testing

@testable import SocketIORedis

@Suite("ListeningTurns")
struct ListeningTurnsTests {
    @Test func aTurnIsOverForGoodWhenItsChannelIsLeft() {
        var turns = ListeningTurns<String>()
        let first = turns.begin("a")
        #expect(turns.isCurrent("a", first))
        turns.end("a")
        #expect(!turns.isCurrent("a", first))
        // What still tries for the first turn ends, although the channel is wanted again.
        let second = turns.begin("a")
        #expect(turns.isCurrent("a", second) && !turns.isCurrent("a", first))
    }

    @Test func aChannelThatIsTakenTwiceIsTheLaterOnes() {
        var turns = ListeningTurns<String>()
        let (first, second) = (turns.begin("a"), turns.begin("a"))
        #expect(turns.isCurrent("a", second) && !turns.isCurrent("a", first))
    }

    @Test func channelsAreApart() {
        var turns = ListeningTurns<String>()
        let (a, b) = (turns.begin("a"), turns.begin("b"))
        turns.end("b")
        #expect(turns.isCurrent("a", a) && !turns.isCurrent("a", b) && !turns.isCurrent("b", b))
    }
}
