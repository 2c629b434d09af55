import NIOCore
import SocketIOCore
import TestSupport
import Testing

@Suite("ClusterMessage")
struct ClusterMessageTests {
    private static func json(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    private static let options: ClusterOptions = {
        var options = ClusterOptions(rooms: ["a", "b\"c"], except: ["d"])
        options.isVolatile = true
        options.isCompressed = false
        options.timeout = .milliseconds(1_500)
        return options
    }()

    /// Each message beside what the reference writes for it (socket.io-adapter 2.5, `JSON.stringify` of the message).
    static let messages: [(ClusterMessage.Body, String)] = [
        (.initialHeartbeat, #""type":1"#),
        (.heartbeat, #""type":2"#),
        (
            .broadcast(ClusterEvent(array: json(#"["news",{"a":1.50}]"#)), ClusterOptions(), requestID: nil),
            #""type":3,"data":{"opts":{"rooms":[],"except":[],"flags":{}},"packet":{"type":2,"data":["news",{"a":1.50}],"nsp":"/chat"}}"#
        ),
        (
            .broadcast(ClusterEvent("ask", arguments: json("1,2")), options, requestID: "00ff"),
            #""type":3,"data":{"opts":{"rooms":["a","b\"c"],"except":["d"],"flags":{"volatile":true,"compress":false,"timeout":1500}},"#
                + #""packet":{"type":2,"data":["ask",1,2],"nsp":"/chat"},"requestId":"00ff"}"#
        ),
        (
            .socketsJoin(ClusterOptions(rooms: ["a"]), rooms: ["b", "c"]),
            #""type":4,"data":{"opts":{"rooms":["a"],"except":[],"flags":{}},"rooms":["b","c"]}"#
        ),
        (
            .socketsLeave(ClusterOptions(except: ["a"]), rooms: ["b"]),
            #""type":5,"data":{"opts":{"rooms":[],"except":["a"],"flags":{}},"rooms":["b"]}"#
        ),
        (
            .disconnectSockets(ClusterOptions(), close: true),
            #""type":6,"data":{"opts":{"rooms":[],"except":[],"flags":{}},"close":true}"#
        ),
        (
            .fetchSockets(ClusterOptions(), requestID: "1"),
            #""type":7,"data":{"opts":{"rooms":[],"except":[],"flags":{}},"requestId":"1"}"#
        ),
        (
            .fetchSocketsResponse(
                requestID: "1",
                sockets: [
                    ClusterSocket(id: "x", rooms: ["x", "a"], data: json("{}")), ClusterSocket(id: "y", rooms: [], data: json("null")),
                ]
            ),
            #""type":8,"data":{"requestId":"1","sockets":["#
                + #"{"id":"x","handshake":{"headers":{},"query":{},"auth":{}},"rooms":["x","a"],"data":{}},"#
                + #"{"id":"y","handshake":{"headers":{},"query":{},"auth":{}},"rooms":[],"data":null}]}"#
        ),
        (.serverSideEmit(json(#"["hello","world"]"#), requestID: nil), #""type":9,"data":{"packet":["hello","world"]}"#),
        (.serverSideEmit(json(#"["hello"]"#), requestID: "2"), #""type":9,"data":{"packet":["hello"],"requestId":"2"}"#),
        (.serverSideEmitResponse(requestID: "2", answer: json("[1]")), #""type":10,"data":{"requestId":"2","packet":[1]}"#),
        (.broadcastClientCount(requestID: "3", count: 7), #""type":11,"data":{"requestId":"3","clientCount":7}"#),
        (.broadcastAck(requestID: "3", answer: json(#""yes""#)), #""type":12,"data":{"requestId":"3","packet":"yes"}"#),
        (.close, #""type":13"#),
    ]

    @Test(arguments: messages.indices)
    func readsAsItWasWrittenAndAsTheReferenceWritesIt(_ index: Int) throws {
        let (body, text) = Self.messages[index]
        let message = ClusterMessage(sender: "0123456789abcdef", namespace: "/chat", body: body)
        var buffer = ByteBuffer()
        try message.writeJSON(into: &buffer)
        #expect(String(buffer: buffer) == #"{"uid":"0123456789abcdef","nsp":"/chat",\#(text)}"#)
        #expect(try ClusterMessage(json: buffer) == message)
    }

    @Test func whatOthersLeaveOutIsTakenAsTheyMeanIt() throws {
        func body(_ text: String) throws -> ClusterMessage.Body {
            try ClusterMessage(json: Self.json(#"{"type":\#(text),"nsp":"/","uid":"emitter","more":[1]}"#)).body
        }
        // No flags, as of emitters; an answer that is `undefined`.
        let event = ClusterEvent(array: Self.json(#"["a"]"#))
        #expect(
            try body(#"3,"data":{"packet":{"nsp":"/","data":["a"],"type":2},"opts":{"except":[],"rooms":["r"]}}"#)
                == .broadcast(event, ClusterOptions(rooms: ["r"]), requestID: nil)
        )
        for options in [
            #"{"rooms":["r"],"flags":{}}"#, #"{"rooms":["r"],"except":"","flags":""}"#, #"{"rooms":["r"],"except":null,"flags":null}"#,
        ] {
            let text = #"3,"data":{"packet":{"nsp":"/","data":["a"],"type":5},"opts":\#(options)}"#
            #expect(try body(text) == .broadcast(event, ClusterOptions(rooms: ["r"]), requestID: nil))
        }
        #expect(try body(#"6,"data":{"opts":{}}"#) == .disconnectSockets(ClusterOptions(), close: false))
        for bad in [#""r""#, "5", "[true]", "[[5]]", #"["r",null]"#] {
            #expect(throws: ClusterMessageError.malformed) { try body(#"6,"data":{"opts":{"rooms":\#(bad)}}"#) }
            #expect(throws: ClusterMessageError.malformed) { try body(#"6,"data":{"opts":{"except":\#(bad)}}"#) }
        }
        #expect(try body(#"12,"data":{"requestId":"1"}"#) == .broadcastAck(requestID: "1", answer: Self.json("null")))
        #expect(try body(#"6,"data":{"opts":{"rooms":[],"except":[]}}"#) == .disconnectSockets(ClusterOptions(), close: false))
    }

    /// `socket.join(5)`: with Node a number is a room, which is written as such.
    @Test func aRoomMayBeANumber() throws {
        func body(_ text: String) throws -> ClusterMessage.Body {
            try ClusterMessage(json: Self.json(#"{"uid":"a","nsp":"/","type":\#(text)}"#)).body
        }
        let options = ClusterOptions(rooms: ["5", "r\"", "1e+21"], except: ["-1.5"])
        #expect(
            try body(#"7,"data":{"requestId":"q","opts":{"rooms":[5, "r\"", 1e+21],"except":[-1.5]}}"#)
                == .fetchSockets(options, requestID: "q")
        )
        #expect(try body(#"4,"data":{"opts":{"rooms":[],"except":[]},"rooms":[5]}"#) == .socketsJoin(ClusterOptions(), rooms: ["5"]))
        let socket = ClusterSocket(id: "x", rooms: ["x", "5"], data: Self.json("{}"))
        #expect(
            try body(#"8,"data":{"requestId":"q","sockets":[{"id":"x","rooms":["x",5],"data":{}}]}"#)
                == .fetchSocketsResponse(requestID: "q", sockets: [socket])
        )
    }

    @Test func theRecoverableFlagGoesAlong() throws {
        var options = ClusterOptions()
        options.isRecoverable = false
        let message = ClusterMessage(
            sender: "a",
            namespace: "/",
            body: .broadcast(ClusterEvent("e", arguments: ByteBuffer()), options, requestID: nil)
        )
        var buffer = ByteBuffer()
        try message.writeJSON(into: &buffer)
        #expect(String(buffer: buffer).contains(#""flags":{"recoverable":false}"#))
        #expect(try ClusterMessage(json: buffer) == message)
    }

    @Test func binaryValuesHaveNoJSONForm() {
        let event = ClusterEvent(array: Self.json(#"["b",{"_placeholder":true,"num":0}]"#), attachments: [ByteBuffer(bytes: [1])])
        let message = ClusterMessage(sender: "a", namespace: "/", body: .broadcast(event, ClusterOptions(), requestID: nil))
        var buffer = ByteBuffer()
        #expect(throws: ClusterMessageError.binaryInJSON) { try message.writeJSON(into: &buffer) }
        #expect(buffer.readableBytes == 0)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"uid":"a","nsp":"/"}"#, #"{"uid":1,"nsp":"/","type":1}"#, #"{"uid":"a","nsp":"/","type":3}"#,
        #"{"uid":"a","nsp":"/","type":3,"data":[]}"#, #"{"uid":"a","nsp":"/","type":3,"data":{"packet":{"type":2,"data":["a"]}}}"#,
        #"{"uid":"a","nsp":"/","type":3,"data":{"opts":{"rooms":[true],"except":[]},"packet":{"type":2,"data":["a"]}}}"#,
        #"{"uid":"a","nsp":"/","type":3,"data":{"opts":{"rooms":[],"except":[]},"packet":{"type":3,"data":["a"]}}}"#,
        #"{"uid":"a","nsp":"/","type":3,"data":{"opts":{"rooms":[],"except":[]},"packet":{"type":2,"data":{}}}}"#,
        #"{"uid":"a","nsp":"/","type":4,"data":{"opts":{"rooms":[],"except":[]}}}"#, #"{"uid":"a","nsp":"/","type":7,"data":{}}"#,
        #"{"uid":"a","nsp":"/","type":8,"data":{"requestId":"1","sockets":[1]}}"#,
        #"{"uid":"a","nsp":"/","type":8,"data":{"requestId":"1","sockets":[{"id":"x"}]}}"#,
        #"{"uid":"a","nsp":"/","type":11,"data":{"requestId":"1","clientCount":-1}}"#,
        #"{"uid":"a","nsp":"/","type":11,"data":{"requestId":"1","clientCount":1e3}}"#,
    ])
    func whatIsMalformedIsSaidToBe(_ text: String) {
        #expect(throws: ClusterMessageError.malformed) { try ClusterMessage(json: Self.json(text)) }
    }

    @Test func textThatIsNotUTF8IsMalformed() {
        var bytes = Self.json(#"{"uid":"a","nsp":"/","type":3,"data":{"opts":{"rooms":[],"except":[]},"packet":{"type":2,"data":["?"]}}}"#)
        #expect(throws: Never.self) { try ClusterMessage(json: bytes) }
        let mark = bytes.readableBytesView.firstIndex(of: UInt8(ascii: "?")) ?? 0
        bytes.setInteger(UInt8(0xFF), at: mark)
        #expect(throws: ClusterMessageError.malformed) { try ClusterMessage(json: bytes) }
    }

    @Test func anUnknownTypeIsNamed() {
        #expect(throws: ClusterMessageError.unknownType(14)) { try ClusterMessage(json: Self.json(#"{"uid":"a","nsp":"/","type":14}"#)) }
    }

    /// No text makes it trap, and what it takes it can write again.
    @Test func mutatedMessagesAreRefusedOrReadAlike() throws {
        var generator = SeededGenerator(seed: 5)
        for (body, _) in Self.messages {
            var buffer = ByteBuffer()
            try ClusterMessage(sender: "a", namespace: "/", body: body).writeJSON(into: &buffer)
            let bytes = Array(buffer.readableBytesView)
            for length in 0..<bytes.count {
                #expect(throws: (any Error).self) { try ClusterMessage(json: ByteBuffer(bytes: bytes[..<length])) }
            }
            for _ in 0..<200 {
                var mutated = bytes
                mutated[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0x20...0x7E, using: &generator)
                guard let message = try? ClusterMessage(json: ByteBuffer(bytes: mutated)) else { continue }
                var again = ByteBuffer()
                try message.writeJSON(into: &again)
                #expect(try ClusterMessage(json: again) == message)
            }
        }
    }
}
