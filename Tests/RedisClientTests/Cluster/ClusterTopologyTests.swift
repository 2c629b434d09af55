import NIOCore
import RESP
import Testing

@testable import RedisClient

@Suite("ClusterTopology")
struct ClusterTopologyTests {
    private static let asked = RedisAddress(host: "asked", port: 1)

    private static func range(_ first: Int64, _ last: Int64, _ host: RESPValue, _ port: Int64, replicas: [RESPValue] = []) -> RESPValue {
        .array([.integer(first), .integer(last), .array([host, .integer(port), .simpleString("id"), .array([])])] + replicas)
    }

    private static func slot(_ number: Int) throws -> HashSlot { try #require(HashSlot(number: number)) }

    @Test func rangesHaveMasters() throws {
        let replica = RESPValue.array([.simpleString("c"), .integer(9), .simpleString("id")])
        let reply = RESPValue.array([
            Self.range(8_000, 16_383, .simpleString("b"), 2),
            Self.range(0, 7_000, .simpleString("a"), 2, replicas: [replica]),
            Self.range(7_001, 7_001, .simpleString("b"), 2),
        ])
        let topology = try #require(ClusterTopology(slots: reply, asked: Self.asked))
        #expect(topology.masters == [RedisAddress(host: "a", port: 2), RedisAddress(host: "b", port: 2)])
        #expect(topology.master(of: try Self.slot(7_000))?.host == "a")
        #expect(topology.master(of: try Self.slot(7_001))?.host == "b")
        #expect(topology.master(of: try Self.slot(7_002)) == nil)
        #expect(topology.master(of: try Self.slot(16_383))?.host == "b")
    }

    @Test func aNodeWithoutANameIsTheOneThatWasAsked() throws {
        for host in [RESPValue.null, .simpleString(""), .simpleString("?")] {
            let topology = ClusterTopology(slots: .array([Self.range(0, 1, host, 7)]), asked: Self.asked)
            #expect(topology?.masters == [RedisAddress(host: "asked", port: 7)])
        }
    }

    @Test func aSlotMoves() throws {
        var topology = try #require(ClusterTopology(slots: .array([Self.range(0, 9, .simpleString("a"), 1)]), asked: Self.asked))
        topology.moved(try Self.slot(5), to: RedisAddress(host: "new", port: 3))
        #expect(topology.master(of: try Self.slot(5))?.host == "new")
        #expect(topology.master(of: try Self.slot(4))?.host == "a")
        #expect(topology.masters.count == 2)
    }

    @Test func whatIsNoMapIsRefused() {
        let wrong: [RESPValue] = [
            .null, .array([]), .array([.null]), .array([.array([.integer(0), .integer(1)])]),
            .array([Self.range(-1, 1, .simpleString("a"), 1)]), .array([Self.range(0, 16_384, .simpleString("a"), 1)]),
            .array([Self.range(2, 1, .simpleString("a"), 1)]), .array([Self.range(0, 1, .simpleString("a"), 70_000)]),
        ]
        for reply in wrong { #expect(ClusterTopology(slots: reply, asked: Self.asked) == nil) }
    }
}

@Suite("Redirection")
struct RedirectionTests {
    private static func of(_ text: String) -> Redirection? { Redirection(RESPError(text), asked: RedisAddress(host: "asked", port: 1)) }

    @Test func aNodeSaysWhomToAsk() throws {
        let slot = try #require(HashSlot(number: 3_999))
        #expect(Self.of("MOVED 3999 127.0.0.1:6381") == .moved(slot, RedisAddress(host: "127.0.0.1", port: 6_381)))
        #expect(Self.of("MOVED 3999 ::1:6381") == .moved(slot, RedisAddress(host: "::1", port: 6_381)))
        #expect(Self.of("MOVED 3999 :6381") == .moved(slot, RedisAddress(host: "asked", port: 6_381)))
        #expect(Self.of("MOVED 3999 ?:6381") == .moved(slot, RedisAddress(host: "asked", port: 6_381)))
        #expect(Self.of("ASK 3999 h:1") == .ask(RedisAddress(host: "h", port: 1)))
    }

    @Test(arguments: ["TRYAGAIN Multiple keys", "CLUSTERDOWN The cluster is down", "LOADING Redis is loading", "MASTERDOWN Link"])
    func someSayLater(_ text: String) {
        #expect(Self.of(text) == .later)
    }

    @Test(arguments: ["ERR x", "MOVED", "MOVED 3999", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h:x", "MOVED 1 h", "ASK 1 h:70000", ""])
    func allElseIsAnAnswer(_ text: String) {
        #expect(Self.of(text) == nil)
    }
}
