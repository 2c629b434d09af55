import NIOCore
import RESP
import Testing

@testable import RedisClient

@Suite("StreamPositions")
struct StreamPositionsTests {
    private static func entries(_ stream: String, _ ids: String...) throws -> [RedisStreamEntry] {
        try ids.map { try #require(RedisStreamEntry(stream: stream, .array([.simpleString($0), .array([])]))) }
    }

    @Test func positionsFollowWhatComes() throws {
        var positions = StreamPositions(["a": "1-0", "b": "0-0"], count: 10)
        #expect(positions.received(try Self.entries("a", "2-0", "3-0") + Self.entries("b", "9-0")).isEmpty)
        #expect(positions.last == ["a": "3-0", "b": "9-0"] && positions.streams == ["a", "b"])
        #expect(positions.received(try Self.entries("other", "1-0")).isEmpty)
        #expect(positions.last == ["a": "3-0", "b": "9-0"])
    }

    @Test func aFailureIsADoubtOnce() throws {
        var positions = StreamPositions(["a": "1-0", "b": "1-0", "new": "0-0"], count: 10)
        positions.failed()
        let checks = positions.received(try Self.entries("a", "5-0", "6-0") + Self.entries("new", "5-0"))
        #expect(checks == [RedisStreamGap(stream: "a", after: "1-0", before: "5-0")])
        #expect(positions.received(try Self.entries("a", "7-0")).isEmpty)
        // The other stream's doubt waits for its next entry.
        #expect(positions.received(try Self.entries("b", "2-0")).map(\.stream) == ["b"])
    }

    @Test func whoIsBehindLooksEachTime() throws {
        var positions = StreamPositions(["a": "1-0"], count: 2)
        #expect(positions.received(try Self.entries("a", "2-0", "3-0")) == [RedisStreamGap(stream: "a", after: "1-0", before: "2-0")])
        #expect(positions.received(try Self.entries("a", "4-0", "5-0")) == [RedisStreamGap(stream: "a", after: "3-0", before: "4-0")])
        #expect(positions.received(try Self.entries("a", "6-0")).isEmpty)
    }

    @Test func lessIsAskedForAfterWhatCouldNotBeRead() throws {
        var positions = StreamPositions(["a": "1-0"], count: 5)
        positions.failed()
        #expect(positions.count == 5)
        let counts = (0..<4).map { _ in
            positions.failed(isUnreadable: true)
            return positions.count
        }
        #expect(counts == [2, 1, 1, 1])
        // And more again as it goes well. A full answer is one of as many as were asked for.
        #expect(positions.received(try Self.entries("a", "2-0")) == [RedisStreamGap(stream: "a", after: "1-0", before: "2-0")])
        #expect(positions.count == 2)
        for id in ["3-0", "4-0"] { #expect(positions.received(try Self.entries("a", id)).isEmpty) }
        #expect(positions.count == 5)
    }

    @Test func entriesAreReadOfBothVersions() throws {
        let list = RESPValue.array([.array([.simpleString("1-0"), .array([.simpleString("k"), .bulkString(ByteBuffer(string: "v"))])])])
        let three = RESPValue.map([RESPPair(.simpleString("s"), list)])
        let two = RESPValue.array([.array([.simpleString("s"), list])])
        for reply in [three, two] {
            let entries = try #require(RedisStreamEntry.all(in: reply))
            #expect(entries.map(\.id) == ["1-0"] && entries.first?.stream == "s")
            #expect(entries.first?["k"] == ByteBuffer(string: "v") && entries.first?["none"] == nil)
        }
        #expect(RedisStreamEntry.all(in: .null)?.isEmpty == true)
        #expect(RedisStreamEntry.all(in: .integer(1)) == nil)
        #expect(RedisStreamEntry(stream: "s", .array([.null, .null])) == nil)
    }
}
