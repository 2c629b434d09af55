import EngineIOCore
import NIOCore
import RESP
import RedisClient
import SocketIOCore
import Testing

@testable import SocketIORedis

/// Cluster messages as the sharded and the streams adapter of the reference put them on the wire.
@Suite("Cluster messages over Redis")
struct ClusterWireTests {
    private static func broadcast(_ attachments: [[UInt8]], requestID: String? = nil) -> ClusterMessage {
        let array = ByteBuffer(string: attachments.isEmpty ? #"["e",1]"# : #"["e",{"_placeholder":true,"num":0}]"#)
        let event = ClusterEvent(array: array, attachments: attachments.map { ByteBuffer(bytes: $0) })
        return ClusterMessage(sender: "a", namespace: "/", body: .broadcast(event, ClusterOptions(rooms: ["r"]), requestID: requestID))
    }

    @Test func whatIsWrittenIsReadAgain() {
        for message in [Self.broadcast([]), Self.broadcast([[1, 2]]), Self.broadcast([[]], requestID: "q")] {
            #expect(ClusterMessage(wire: message.wire) == message)
            #expect(ClusterMessage(wire: message.messagePack) == message)
        }
        let bodies: [ClusterMessage.Body] = [
            .fetchSockets(ClusterOptions(), requestID: "q"), .socketsJoin(ClusterOptions(except: ["x"]), rooms: ["n"]),
            .serverSideEmit(ByteBuffer(string: #"["e"]"#), requestID: nil), .broadcastClientCount(requestID: "q", count: 3),
            .fetchSocketsResponse(requestID: "q", sockets: [ClusterSocket(id: "s", rooms: [], data: ByteBuffer(string: "{}"))]),
        ]
        for body in bodies {
            let message = ClusterMessage(sender: "a", namespace: "/n", body: body)
            #expect(ClusterMessage(wire: message.wire) == message && ClusterMessage(wire: message.messagePack) == message)
            #expect(message.wire.readableBytesView.first == UInt8(ascii: "{"), "JSON, as long as nothing is binary")
        }
    }

    @Test func otherFormatsAreTold() {
        #expect(ClusterMessage(wire: ByteBuffer(bytes: [0x93, 0xA1, 97, 0x80, 0x80])) == nil)
        for bad in ["", "x", "{}", "[]", #"{"uid":"a","nsp":"/","type":99}"#] {
            #expect(ClusterMessage(wire: ByteBuffer(string: bad)) == nil)
        }
        let whole = Array(Self.broadcast([[1, 2]]).messagePack.readableBytesView)
        for end in whole.indices { #expect(ClusterMessage(wire: ByteBuffer(bytes: whole[..<end])) == nil) }
    }

    /// The reference writes Buffers in MessagePack; what servers answer is JSON here, which has its own form for them.
    @Test func binaryAnswersOfServersAreReadAsJSONWritesThem() {
        let text = [("uid", "a"), ("nsp", "/")].map { [0xA3] + Array($0.utf8) + [0xA1] + Array($1.utf8) }.flatMap { $0 }
        let data: [UInt8] =
            [0x82, 0xA9] + Array("requestId".utf8) + [0xA1] + Array("q".utf8) + [0xA6] + Array("packet".utf8) + [0xC4, 2, 7, 8]
        let message = [0x84] + text + [0xA4] + Array("type".utf8) + [10, 0xA4] + Array("data".utf8) + data
        let answer = ByteBuffer(string: #"{"type":"Buffer","data":[7,8]}"#)
        #expect(ClusterMessage(wire: ByteBuffer(bytes: message))?.body == .serverSideEmitResponse(requestID: "q", answer: answer))
    }

    /// What `to(5).socketsJoin(7)` of a Node server is in MessagePack.
    @Test func aRoomMayBeANumber() {
        let head = [("uid", "a"), ("nsp", "/")].map { [0xA3] + Array($0.utf8) + [0xA1] + Array($1.utf8) }.flatMap { $0 }
        let options: [UInt8] = [0x82, 0xA5] + Array("rooms".utf8) + [0x91, 5, 0xA6] + Array("except".utf8) + [0x90]
        let data: [UInt8] = [0x82, 0xA4] + Array("opts".utf8) + options + [0xA5] + Array("rooms".utf8) + [0x91, 7]
        let message = [0x84] + head + [0xA4] + Array("type".utf8) + [4, 0xA4] + Array("data".utf8) + data
        #expect(ClusterMessage(wire: ByteBuffer(bytes: message))?.body == .socketsJoin(ClusterOptions(rooms: ["5"]), rooms: ["7"]))
    }

    private static func entry(_ fields: [(String, String)]) throws -> RedisStreamEntry {
        let list = fields.flatMap { [RESPValue.simpleString($0), .bulkString(ByteBuffer(string: $1))] }
        return try #require(RedisStreamEntry(stream: "socket.io", .array([.simpleString("1-0"), .array(list)])))
    }

    @Test func entriesOfAStreamAreRead() throws {
        let data = #"{"opts":{"rooms":["r"],"except":[],"flags":{}},"packet":{"type":2,"data":["e",1],"nsp":"/"}}"#
        #expect(ClusterMessage(try Self.entry([("uid", "a"), ("nsp", "/"), ("type", "3"), ("data", data)])) == Self.broadcast([]))
        let binary = Self.broadcast([[1, 2]])
        let (type, bytes, isMessagePack) = binary.parts
        #expect(type == 3 && isMessagePack)
        let text = Base64.encode(try #require(bytes))
        #expect(ClusterMessage(try Self.entry([("uid", "a"), ("nsp", "/"), ("type", "3"), ("data", text)])) == binary)
        for bad in [
            [("uid", "a")], [("uid", "a"), ("nsp", "/"), ("type", "x")], [("uid", "a"), ("nsp", "/"), ("type", "3"), ("data", "%")],
        ] {
            #expect(ClusterMessage(try Self.entry(bad)) == nil)
        }
    }
}
