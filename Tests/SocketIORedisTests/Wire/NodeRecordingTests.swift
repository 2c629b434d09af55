import NIOCore
import RESP
import RedisClient
import SocketIOCore
import Testing

@testable import SocketIORedis

/// What Node servers and the official emitters were seen to send on 27 November 2026: socket.io 4.8.3, `@socket.io/redis-adapter` 8.3.0,
/// `@socket.io/redis-streams-adapter` 0.3.1, `@socket.io/redis-emitter` 5.1.0, `@socket.io/redis-streams-emitter` 0.1.1.
@Suite("What Node servers were seen to send")
struct NodeRecordingTests {
    private let classic = ClassicCodec(namespace: "/")

    private static let deep = ClusterEvent(
        array: ByteBuffer(
            string: #"["e",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1},"x"]},{"_placeholder":true,"num":2}]"#
        ),
        attachments: [ByteBuffer(bytes: [0, 255]), ByteBuffer(bytes: [1]), ByteBuffer()]
    )
    private static let question = ClusterEvent(array: ByteBuffer(string: #"["question",1,"é"]"#))

    private static func asked(_ rooms: [String] = []) -> ClusterOptions {
        var options = ClusterOptions(rooms: rooms)
        options.timeout = .seconds(20)
        return options
    }

    // MARK: createAdapter

    @Test func classicBroadcasts() {
        func body(_ text: String) -> ClusterMessage.Body? { classic.broadcast(recorded(text))?.body }
        let none = ByteBuffer(string: #"["e"]"#)
        #expect(
            body(#"\x93\xa6IahjZ7\x83\xa4type\x02\xa4data\x91\xa1e\xa3nsp\xa1/\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80"#)
                == .broadcast(ClusterEvent(array: none), ClusterOptions(), requestID: nil)
        )
        #expect(
            body(
                #"\x93\xa6IahjZ7\x83\xa4type\x02\xa4data\x94\xa1e\xc4\x02\x00\xff\x81\xa4deep\x92\xc4\x01\x01\xa1x\xc4\x00\xa3nsp\xa1/"#
                    + #"\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80"#
            ) == .broadcast(Self.deep, ClusterOptions(), requestID: nil)
        )
        var volatile = ClusterOptions(rooms: ["s"])
        volatile.isVolatile = true
        let five = ByteBuffer(string: #"["e",5]"#)
        #expect(
            body(
                #"\x93\xa7emitter\x83\xa4type\x02\xa4data\x92\xa1e\x05\xa3nsp\xa1/\x83\xa5rooms\x91\xa1s\xa5flags\x81\xa8volatile\xc3"#
                    + #"\xa6except\x90"#
            ) == .broadcast(ClusterEvent(array: five), volatile, requestID: nil)
        )
    }

    @Test func classicQuestionsAndAnswers() {
        let question =
            #"\x85\xa3uid\xa6IahjZ7\xa9requestId\xa6buE8na\xa4type\a\xa6packet\x83\xa4type\x02\xa4data\x93\xa8question\x01\xa2\xc3\xa9"#
            + #"\xa3nsp\xa1/\xa4opts\x83\xa5rooms\x91\xa1r\xa6except\x90\xa5flags\x81\xa7timeout\xcdN "#
        #expect(classic.request(recorded(question))?.message.body == .broadcast(Self.question, Self.asked(["r"]), requestID: "buE8na"))

        func body(_ text: String) -> ClusterMessage.Body? { classic.response(recorded(text))?.body }
        #expect(body(#"{"type":8,"requestId":"buE8na","clientCount":1}"#) == .broadcastClientCount(requestID: "buE8na", count: 1))
        let text = ByteBuffer(string: #""answer of b1""#)
        #expect(
            body(#"\x83\xa4type\t\xa9requestId\xa6buE8na\xa6packet\xacanswer of b1"#) == .broadcastAck(requestID: "buE8na", answer: text)
        )
        // A client that answers nothing: undefined.
        let null = ByteBuffer(string: "null")
        #expect(body(#"\x83\xa4type\t\xa9requestId\xa69yVzPV\xa6packet\xd4\x00\x00"#) == .broadcastAck(requestID: "9yVzPV", answer: null))
    }

    private static let placeholder = ByteBuffer(string: #"{"_placeholder":true,"num":0}"#)
    private static let deepAnswer = ByteBuffer(string: #"{"deep":[{"_placeholder":true,"num":0},1]}"#)

    @Test func classicBinaryAnswersAreReadAndWritten() {
        for (text, answer) in [
            (
                #"\x83\xa4type\t\xa9requestId\xa65VZRpY\xa6packet\xc4\x02\x05\x06"#,
                ClusterMessage.Body.broadcastAck(requestID: "5VZRpY", answer: Self.placeholder, attachments: [ByteBuffer(bytes: [5, 6])])
            ),
            (
                #"\x83\xa4type\t\xa9requestId\xa61zFWvf\xa6packet\x81\xa4deep\x92\xc4\x01\a\x01"#,
                .broadcastAck(requestID: "1zFWvf", answer: Self.deepAnswer, attachments: [ByteBuffer(bytes: [7])])
            ),
        ] {
            #expect(classic.response(recorded(text))?.body == answer)
            #expect(classic.response(answer, .descriptions) == recorded(text))
        }
    }

    @Test func classicServerSideEvents() {
        let emitted = classic.request(recorded(#"{"uid":"IahjZ7","type":6,"data":["tell",{"b":{"type":"Buffer","data":[1,2]}}]}"#))
        let tell = ByteBuffer(string: #"["tell",{"b":{"type":"Buffer","data":[1,2]}}]"#)
        #expect(emitted?.message.body == .serverSideEmit(tell, requestID: nil))
        let answer = ByteBuffer(string: #"["answer",{"type":"Buffer","data":[3]}]"#)
        #expect(
            classic.response(recorded(#"{"type":6,"requestId":"hRKPjp","data":["answer",{"type":"Buffer","data":[3]}]}"#))?.body
                == .serverSideEmitResponse(requestID: "hRKPjp", answer: answer)
        )
    }

    // MARK: createShardedAdapter

    @Test func shardedMessages() {
        func read(_ text: String) -> ClusterMessage? { ClusterMessage(wire: recorded(text)) }
        let uid = "95b3fa4bb2f83296"
        #expect(
            read(
                #"\x84\xa4type\x03\xa4data\x82\xa6packet\x82\xa4type\x02\xa4data\x94\xa1e\xc4\x02\x00\xff\x81\xa4deep\x92\xc4\x01\x01\xa1x\xc4\x00"#
                    + #"\xa4opts\x83\xa5rooms\x90\xa6except\x90\xa5flags\x80\xa3uid\xb095b3fa4bb2f83296\xa3nsp\xa1/"#
            ) == ClusterMessage(sender: uid, namespace: "/", body: .broadcast(Self.deep, ClusterOptions(), requestID: nil))
        )
        let tell = ByteBuffer(string: #"["tell",{"b":{"type":"Buffer","data":[1,2]}}]"#)
        #expect(
            read(#"\x84\xa4type\t\xa4data\x81\xa6packet\x92\xa4tell\x81\xa1b\xc4\x02\x01\x02\xa3uid\xb095b3fa4bb2f83296\xa3nsp\xa1/"#)
                == ClusterMessage(sender: uid, namespace: "/", body: .serverSideEmit(tell, requestID: nil))
        )
        let binary = read(
            #"\x84\xa4type\x0c\xa4data\x82\xa9requestId\xb0dbf84e27b17cf1a3\xa6packet\x81\xa4deep\x92\xc4\x01\a\x01"#
                + #"\xa3uid\xb040aaf472b78eaef4\xa3nsp\xa1/"#
        )
        let answer = ClusterMessage.Body.broadcastAck(
            requestID: "dbf84e27b17cf1a3",
            answer: Self.deepAnswer,
            attachments: [ByteBuffer(bytes: [7])]
        )
        #expect(binary == ClusterMessage(sender: "40aaf472b78eaef4", namespace: "/", body: answer))
        #expect(binary.flatMap { ClusterMessage(wire: $0.wire) } == binary)

        let sockets = read(
            #"{"type":8,"data":{"requestId":"32e99816f73e283b","sockets":[{"id":"FVG-2tFQ8WKRE7IhAAAF","handshake":{"headers":{"host":"127.0.0.1:37227"},"#
                + #""time":"Fri Nov 27 2026","address":"127.0.0.1","xdomain":false,"secure":false,"issued":1795740464844,"#
                + #""url":"/socket.io/?EIO=4&transport=websocket","query":{"EIO":"4","transport":"websocket"},"auth":{"name":"b3"}},"#
                + #""rooms":["FVG-2tFQ8WKRE7IhAAAF"],"data":{"name":"b3"}}]},"uid":"40aaf472b78eaef4","nsp":"/"}"#
        )
        let data = ByteBuffer(string: #"{"name":"b3"}"#)
        let socket = ClusterSocket(id: "FVG-2tFQ8WKRE7IhAAAF", rooms: ["FVG-2tFQ8WKRE7IhAAAF"], data: data)
        #expect(sockets?.body == .fetchSocketsResponse(requestID: "32e99816f73e283b", sockets: [socket]))
    }

    // MARK: Streams

    private static func entry(_ fields: KeyValuePairs<String, String>) throws -> ClusterMessage? {
        let list = fields.flatMap { [RESPValue.simpleString($0.key), .bulkString(ByteBuffer(string: $0.value))] }
        return ClusterMessage(try #require(RedisStreamEntry(stream: "socket.io", .array([.simpleString("1-0"), .array(list)]))))
    }

    @Test func streamEntries() throws {
        let binary = try Self.entry([
            "uid": "f6e29f538372a2c0", "nsp": "/", "type": "3",
            "data": "gqZwYWNrZXSCpHR5cGUCpGRhdGGUoWXEAgD/gaRkZWVwksQBAaF4xACkb3B0c4Olcm9vbXOQpmV4Y2VwdJClZmxhZ3OA",
        ])
        #expect(binary?.body == .broadcast(Self.deep, ClusterOptions(), requestID: nil))
        let join = try Self.entry([
            "uid": "emitter", "nsp": "/", "type": "4", "data": #"{"opts":{"rooms":["s"],"except":[],"flags":{}},"rooms":["z"]}"#,
        ])
        #expect(join?.body == .socketsJoin(ClusterOptions(rooms: ["s"]), rooms: ["z"]))
        // A server sends these over a channel, the emitter through the stream.
        let tell = try Self.entry(["uid": "emitter", "nsp": "/", "type": "9", "data": #"{"packet":["tell",8,"é"]}"#])
        #expect(tell?.body == .serverSideEmit(ByteBuffer(string: #"["tell",8,"é"]"#), requestID: nil))
    }

    @Test func streamQuestionsGoOverChannels() {
        let question =
            #"\x84\xa4type\x03\xa4data\x83\xa6packet\x82\xa4type\x02\xa4data\x93\xa8question\x01\xa2\xc3\xa9\xa9requestId\xb0581cd96d4e9278e9"#
            + #"\xa4opts\x83\xa5rooms\x90\xa6except\x90\xa5flags\x81\xa7timeout\xcdN \xa3uid\xb0f6e29f538372a2c0\xa3nsp\xa1/"#
        #expect(
            ClusterMessage(wire: recorded(question))
                == ClusterMessage(
                    sender: "f6e29f538372a2c0",
                    namespace: "/",
                    body: .broadcast(Self.question, Self.asked(), requestID: "581cd96d4e9278e9")
                )
        )
        let empty = #"\x84\xa4type\x0c\xa4data\x82\xa9requestId\xb0e2f3964b3c42283e\xa6packet\xc0\xa3uid\xb090845568ecf6437e\xa3nsp\xa1/"#
        let null = ByteBuffer(string: "null")
        #expect(ClusterMessage(wire: recorded(empty))?.body == .broadcastAck(requestID: "e2f3964b3c42283e", answer: null))
    }
}
