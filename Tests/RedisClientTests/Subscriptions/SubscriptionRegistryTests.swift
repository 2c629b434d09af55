import NIOCore
import RESP
import Testing

@testable import RedisClient

@Suite("SubscriptionRegistry")
struct SubscriptionRegistryTests {
    private typealias Registry = SubscriptionRegistry<String>

    private static func key(_ name: String, _ kind: RedisSubscriptions.Kind = .channel) -> Registry.Key { .init(kind: kind, name: name) }

    private static func push(_ parts: String...) -> RESPValue {
        .push(parts.map { Int64($0).map { .integer($0) } ?? .bulkString(ByteBuffer(string: $0)) })
    }

    private static func lines(_ commands: [RedisCommand]) -> [String] {
        commands.map { command in
            ([command.name] + command.arguments.map { if case .string(let text) = $0 { text } else { "?" } }).joined(separator: " ")
        }
    }

    /// What happened, in a word.
    private static func word(_ event: Registry.Event) -> String {
        switch event {
        case .message(let key, let message): "\(key.name): \(message.channel) \(message.pattern ?? "-") \(String(buffer: message.payload))"
        case .confirmed(let waiters): "confirmed \(waiters)"
        case .refused(let waiters, let error): "refused \(waiters) \(error.code)"
        case .apart(let commands): "apart \(lines(commands))"
        case .withheld(let key, let error, let isNew): "withheld \(key.name) \(error.code)\(isNew ? " new" : "")"
        case .lost(let error): "lost \(error.code)"
        case .alive: "alive"
        case .moved(let keys, let error): "moved \(keys.map(\.name)) \(error?.details ?? "")"
        case .none: "none"
        case .unexpected: "unexpected"
        }
    }

    @Test func whatIsSubscribedBeforeTheConnectionIsAskedForWithIt() {
        var registry = Registry()
        #expect(registry.subscribe(Self.key("b"), ["bob"]).isEmpty)
        #expect(registry.subscribe(Self.key("a"), ["al"]).isEmpty)
        #expect(registry.subscribe(Self.key("p*", .pattern), ["pat"]).isEmpty)
        #expect(registry.subscribe(Self.key("s2", .sharded)).isEmpty)
        #expect(registry.subscribe(Self.key("s1", .sharded)).isEmpty)
        #expect(Self.lines(registry.connected()) == ["SUBSCRIBE a b", "PSUBSCRIBE p*", "SSUBSCRIBE s1", "SSUBSCRIBE s2"])
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == #"confirmed ["al"]"#)
        #expect(Self.word(registry.received(Self.push("subscribe", "b", "2"))) == #"confirmed ["bob"]"#)
        #expect(Self.word(registry.received(Self.push("psubscribe", "p*", "3"))) == #"confirmed ["pat"]"#)
        #expect(Self.word(registry.received(Self.push("ssubscribe", "s1", "1"))) == "confirmed []")
        #expect(Self.word(registry.received(Self.push("ssubscribe", "s2", "2"))) == "confirmed []")
    }

    @Test func messagesComeForWhatIsSubscribed() {
        var registry = Registry()
        _ = registry.connected()
        #expect(Self.lines(registry.subscribe(Self.key("a"))) == ["SUBSCRIBE a"])
        _ = registry.subscribe(Self.key("p*", .pattern))
        _ = registry.subscribe(Self.key("s", .sharded))
        #expect(Self.word(registry.received(Self.push("message", "a", "x"))) == "a: a - x")
        #expect(Self.word(registry.received(Self.push("pmessage", "p*", "pq", "x"))) == "p*: pq p* x")
        #expect(Self.word(registry.received(Self.push("smessage", "s", "x"))) == "s: s - x")
        // Of a channel that has been given up.
        #expect(Self.word(registry.received(Self.push("message", "b", "x"))) == "none")
        // Version 2 has no pushes.
        let two = RESPValue.array([.simpleString("message"), .simpleString("a"), .simpleString("y")])
        #expect(Self.word(registry.received(two)) == "a: a - y")
    }

    @Test func aCutIsOverWhenAllIsConfirmedAgain() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.subscribe(Self.key("a"), ["al"])
        #expect(registry.isIntact, "nobody relies on it yet")
        _ = registry.received(Self.push("subscribe", "a", "1"))
        _ = registry.subscribe(Self.key("b"))
        _ = registry.received(Self.push("subscribe", "b", "2"))
        registry.cut()
        #expect(!registry.isIntact)
        // Who comes during the cut waits.
        #expect(registry.subscribe(Self.key("c"), ["cy"]).isEmpty)
        #expect(Self.lines(registry.connected()) == ["SUBSCRIBE a b c"])
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == "confirmed []")
        #expect(!registry.isIntact)
        #expect(Self.word(registry.received(Self.push("subscribe", "b", "2"))) == "confirmed []")
        #expect(registry.isIntact)
        #expect(Self.word(registry.received(Self.push("subscribe", "c", "3"))) == #"confirmed ["cy"]"#)
    }

    @Test func whoWaitsGoesOnWaitingOverACut() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.subscribe(Self.key("a"), ["al"])
        registry.cut()
        #expect(registry.isIntact, "it had never been confirmed")
        #expect(Self.lines(registry.connected()) == ["SUBSCRIBE a"])
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == #"confirmed ["al"]"#)
    }

    @Test func aNameGivenUpAndTakenAgainIsConfirmedByItsOwnAnswer() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.subscribe(Self.key("a"), ["first"])
        let (commands, waiters, _) = registry.unsubscribe(Self.key("a"))
        #expect(Self.lines(commands) == ["UNSUBSCRIBE a"] && waiters == ["first"])
        _ = registry.subscribe(Self.key("a"), ["second"])
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == "none")
        #expect(Self.word(registry.received(Self.push("unsubscribe", "a", "0"))) == "none")
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == #"confirmed ["second"]"#)
        #expect(registry.unsubscribe(Self.key("b")).commands.isEmpty)
    }

    private static let refusal = RESPValue.error(RESPError("NOPERM this user has no permissions"))

    @Test func namesThatAreRefusedTogetherAreAskedForApart() {
        var registry = Registry()
        _ = registry.subscribe(Self.key("a"), ["al"])
        _ = registry.subscribe(Self.key("b"), ["bob"])
        _ = registry.connected()
        _ = registry.subscribe(Self.key("c"), ["cy"])
        #expect(Self.word(registry.received(Self.refusal)) == #"apart ["SUBSCRIBE a", "SUBSCRIBE b"]"#)
        #expect(Self.word(registry.received(Self.push("subscribe", "c", "1"))) == #"confirmed ["cy"]"#)
        #expect(Self.word(registry.received(Self.refusal)) == #"refused ["al"] NOPERM"#)
        #expect(Self.word(registry.received(Self.push("subscribe", "b", "2"))) == #"confirmed ["bob"]"#)
        #expect(Set(registry.keys) == [Self.key("b"), Self.key("c")])
        #expect(Self.word(registry.received(Self.refusal)) == "unexpected")
    }

    @Test func whatWasConfirmedIsNotGivenUp() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.subscribe(Self.key("a"))
        _ = registry.received(Self.push("subscribe", "a", "1"))
        registry.cut()
        _ = registry.connected()
        #expect(registry.askAgain().isEmpty, "it is being asked for")
        #expect(Self.word(registry.received(Self.refusal)) == "withheld a NOPERM new")
        #expect(!registry.isIntact)
        #expect(Self.lines(registry.askAgain()) == ["SUBSCRIBE a"])
        #expect(Self.word(registry.received(Self.refusal)) == "withheld a NOPERM")
        #expect(Self.lines(registry.askAgain()) == ["SUBSCRIBE a"])
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == "confirmed []")
        #expect(registry.isIntact && registry.askAgain().isEmpty)
    }

    @Test func aConnectionThatDoesNotSayThatItLivesIsLost() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.ping()
        #expect(Self.word(registry.received(.error(RESPError("LOADING")))) == "lost LOADING")
    }

    @Test func pingsAreAnsweredInOrder() {
        var registry = Registry()
        _ = registry.connected()
        #expect(registry.ping().name == "PING")
        _ = registry.subscribe(Self.key("a"), ["al"])
        #expect(Self.word(registry.received(.simpleString("PONG"))) == "alive")
        #expect(Self.word(registry.received(Self.push("subscribe", "a", "1"))) == #"confirmed ["al"]"#)
        _ = registry.ping()
        #expect(Self.word(registry.received(.array([.simpleString("pong"), .simpleString("")]))) == "alive")
        #expect(Self.word(registry.received(.simpleString("PONG"))) == "unexpected")
    }

    @Test func aSlotThatMovesIsTold() {
        var registry = Registry()
        _ = registry.connected()
        _ = registry.subscribe(Self.key("s", .sharded))
        _ = registry.received(Self.push("ssubscribe", "s", "1"))
        #expect(Self.word(registry.received(Self.push("sunsubscribe", "s", "0"))) == #"moved ["s"] "#)
        #expect(!registry.isIntact)
        _ = registry.subscribe(Self.key("t", .sharded))
        #expect(Self.word(registry.received(.error(RESPError("MOVED 7 host:1")))) == #"moved ["t"] 7 host:1"#)
        #expect(Self.word(registry.received(Self.push("unsubscribe", "a", "0"))) == "unexpected")
        #expect(Self.word(registry.received(Self.push("invalidate", "a"))) == "none")
        #expect(Self.word(registry.received(.array([]))) == "unexpected")
    }
}
