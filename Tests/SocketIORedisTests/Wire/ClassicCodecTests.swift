import NIOCore
import SocketIOCore
import Testing

@testable import SocketIORedis

/// Against bytes that `@socket.io/redis-adapter` 8.3 and `@socket.io/redis-emitter` 5.1 put on the wire.
@Suite("The classic format")
struct ClassicCodecTests {
    private let codec = ClassicCodec(namespace: "/")

    /// `[uid, packet, {rooms, except, flags}]` as notepack writes it.
    private static let broadcast: [UInt8] =
        [0x93, 0xA6] + Array("emitte".utf8)
        + [0x83, 0xA4] + Array("type".utf8) + [0x02, 0xA4] + Array("data".utf8) + [0x93, 0xA4] + Array("news".utf8) + [
            0x01, 0xC4, 0x02, 7, 8,
        ]
        + [0xA3] + Array("nsp".utf8) + [0xA1] + Array("/".utf8)
        + [0x83, 0xA5] + Array("rooms".utf8) + [0x91, 0xA1] + Array("r".utf8) + [0xA6] + Array("except".utf8) + [0x90]
        + [0xA5] + Array("flags".utf8) + [0x81, 0xA8] + Array("volatile".utf8) + [0xC3]

    private static func text(_ payload: ByteBuffer?) -> String? { payload.map { String(buffer: $0) } }

    private func message(_ body: ClusterMessage.Body) -> ClusterMessage { ClusterMessage(sender: "us", namespace: "/", body: body) }

    @Test func aBroadcastIsRead() throws {
        let message = try #require(codec.broadcast(ByteBuffer(bytes: Self.broadcast)))
        var options = ClusterOptions(rooms: ["r"])
        options.isVolatile = true
        let array = ByteBuffer(string: #"["news",1,{"_placeholder":true,"num":0}]"#)
        let event = ClusterEvent(array: array, attachments: [ByteBuffer(bytes: [7, 8])])
        #expect(message == ClusterMessage(sender: "emitte", namespace: "/", body: .broadcast(event, options, requestID: nil)))
        // For another namespace; other formats on the same channel; broken.
        #expect(ClassicCodec(namespace: "/x").broadcast(ByteBuffer(bytes: Self.broadcast)) == nil)
        #expect(codec.broadcast(ByteBuffer(string: #"{"uid":"a","nsp":"/","type":2}"#)) == nil)
        for end in Self.broadcast.indices { #expect(codec.broadcast(ByteBuffer(bytes: Self.broadcast[..<end])) == nil) }
        // No UTF-8, which no client would survive, is mended.
        var bytes = Self.broadcast
        bytes[try #require(bytes.firstRange(of: Array("news".utf8))?.lowerBound)] = 0xFF
        guard case .broadcast(let mended, _, _)? = codec.broadcast(ByteBuffer(bytes: bytes))?.body else {
            throw NotMet(what: "a broadcast")
        }
        #expect(String(buffer: mended.array).hasPrefix("[\"\u{FFFD}ews\""))
    }

    @Test func aBroadcastIsWrittenAsItIsRead() throws {
        let message = try #require(codec.broadcast(ByteBuffer(bytes: Self.broadcast)))
        guard case .broadcast(let event, let options, _) = message.body else { return }
        #expect(Array(codec.broadcast(event, options, sender: "emitte").readableBytesView) == Self.broadcast)
    }

    @Test func ordersAreRead() throws {
        func body(_ json: String) -> ClusterMessage.Body? { codec.request(ByteBuffer(string: json))?.message.body }
        let some = ClusterOptions(rooms: ["r"], except: ["x"])
        #expect(body(#"{"uid":"a","type":2,"opts":{"rooms":["r"],"except":["x"]},"rooms":["new"]}"#) == .socketsJoin(some, rooms: ["new"]))
        #expect(body(#"{"type":3,"opts":{"rooms":["r"],"except":["x"]},"rooms":["old"]}"#) == .socketsLeave(some, rooms: ["old"]))
        #expect(body(#"{"uid":"a","type":4,"opts":{"rooms":["r"],"except":["x"]},"close":true}"#) == .disconnectSockets(some, close: true))
        #expect(
            body(#"{"uid":"a","type":5,"requestId":"q","opts":{"rooms":["r"],"except":["x"]}}"#) == .fetchSockets(some, requestID: "q")
        )
        let array = ByteBuffer(string: #"["hello",1]"#)
        #expect(body(#"{"uid":"emitter","type":6,"data":["hello",1]}"#) == .serverSideEmit(array, requestID: nil))
        #expect(body(#"{"uid":"a","type":6,"requestId":"q","data":["hello",1]}"#) == .serverSideEmit(array, requestID: "q"))
        #expect(
            body(#"{"uid":"a","type":7,"requestId":"q","packet":{"type":2,"data":["e"],"nsp":"/"},"opts":{"rooms":[],"except":[]}}"#)
                == .broadcast(ClusterEvent(array: ByteBuffer(string: #"["e"]"#)), ClusterOptions(), requestID: "q")
        )
        #expect(codec.request(ByteBuffer(string: #"{"type":3,"opts":{"rooms":[],"except":[]},"rooms":[]}"#))?.message.sender == "emitter")
        for bad in ["", "{", "[]", "null", #"{"type":99}"#, #"{"type":5}"#, #"{"type":2}"#, #"{"type":0}"#, #"{"uid":1}"#] {
            #expect(codec.request(ByteBuffer(string: bad)) == nil, "\(bad)")
        }
        // With Node a number may be a room, and a room that cannot be read is not everyone.
        #expect(
            body(#"{"type":3,"opts":{"rooms":[5],"except":[7]},"rooms":[1.5]}"#)
                == .socketsLeave(ClusterOptions(rooms: ["5"], except: ["7"]), rooms: ["1.5"])
        )
        #expect(body(#"{"type":0,"requestId":"q","rooms":["r",5]}"#) == .fetchSockets(ClusterOptions(rooms: ["r", "5"]), requestID: "q"))
        for everyone in ["", #","rooms":null"#, #","rooms":[]"#] {
            #expect(body(#"{"type":0,"requestId":"q"\#(everyone)}"#) == .fetchSockets(ClusterOptions(), requestID: "q"))
        }
        for bad in ["[true]", #"["r",{}]"#, #""r""#, "5"] { #expect(body(#"{"type":0,"requestId":"q","rooms":\#(bad)}"#) == nil) }
        let order = codec.request(ByteBuffer(string: #"{"type":2,"requestId":"q","sid":"s","room":5}"#))
        #expect(order?.form == .done(.join("5")))
        // JSON in no UTF-8, which no client would survive.
        var bytes = Array(#"{"uid":"a","type":6,"data":["hello",1]}"#.utf8)
        #expect(codec.request(ByteBuffer(bytes: bytes)) != nil)
        bytes[try #require(bytes.firstIndex(of: UInt8(ascii: "h")))] = 0xFF
        #expect(codec.request(ByteBuffer(bytes: bytes)) == nil)
    }

    @Test func everyTypeIsAnsweredInItsForm() throws {
        let sockets = [ClusterSocket(id: "s1", rooms: ["s1", "r"], data: ByteBuffer(string: #"{"n":1}"#))]
        func answer(_ json: String) throws -> String? {
            let request = try #require(codec.request(ByteBuffer(string: json)))
            return Self.text(codec.response(.fetchSocketsResponse(requestID: "q", sockets: sockets), request.form))
        }
        #expect(try answer(#"{"uid":"a","type":0,"requestId":"q","rooms":["r"]}"#) == #"{"requestId":"q","sockets":["s1"]}"#)
        #expect(try answer(#"{"uid":"a","type":1,"requestId":"q"}"#) == #"{"requestId":"q","rooms":["r","s1"]}"#)
        // No header, no token: the handshake is empty.
        #expect(
            try answer(#"{"uid":"a","type":5,"requestId":"q","opts":{"rooms":[],"except":[]}}"#)
                == #"{"requestId":"q","sockets":[{"id":"s1","handshake":{"headers":{},"query":{},"auth":{}},"rooms":["s1","r"],"data":{"n":1}}]}"#
        )
        // The older form of an order: who has the socket answers.
        #expect(try answer(#"{"uid":"a","type":2,"requestId":"q","sid":"s1","room":"r"}"#) == #"{"requestId":"q"}"#)
        let order = try #require(codec.request(ByteBuffer(string: #"{"uid":"a","type":4,"requestId":"q","sid":"s1","close":true}"#)))
        #expect(order.form == .done(.disconnect(close: true)))
        #expect(codec.response(.fetchSocketsResponse(requestID: "q", sockets: []), order.form) == nil)

        #expect(
            Self.text(codec.response(.broadcastClientCount(requestID: "q", count: 2), .descriptions))
                == #"{"requestId":"q","type":8,"clientCount":2}"#
        )
        let value = ByteBuffer(string: "[1]")
        #expect(
            Self.text(codec.response(.serverSideEmitResponse(requestID: "q", answer: value), .descriptions))
                == #"{"requestId":"q","type":6,"data":[1]}"#
        )
        let ack: [UInt8] =
            [0x83, 0xA4] + Array("type".utf8) + [9, 0xA9] + Array("requestId".utf8) + [0xA1] + Array("q".utf8)
            + [0xA6] + Array("packet".utf8) + [0x91, 1]
        #expect(codec.response(.broadcastAck(requestID: "q", answer: value), .descriptions) == ByteBuffer(bytes: ack))
        #expect(codec.response(ByteBuffer(bytes: ack))?.body == .broadcastAck(requestID: "q", answer: value))
    }

    @Test func answersOfOthersAreRead() {
        func body(_ json: String) -> ClusterMessage.Body? { codec.response(ByteBuffer(string: json))?.body }
        let socket = ClusterSocket(id: "s", rooms: ["s"], data: ByteBuffer(string: "{}"))
        #expect(
            body(#"{"requestId":"q","sockets":[{"id":"s","handshake":{"headers":{"cookie":"c"}},"rooms":["s"],"data":{}}]}"#)
                == .fetchSocketsResponse(requestID: "q", sockets: [socket])
        )
        let inANumber = ClusterSocket(id: "s", rooms: ["s", "5"], data: ByteBuffer(string: "{}"))
        #expect(
            body(#"{"requestId":"q","sockets":[{"id":"s","rooms":["s",5],"data":{}}]}"#)
                == .fetchSocketsResponse(requestID: "q", sockets: [inANumber])
        )
        let one = ByteBuffer(string: "1")
        #expect(body(#"{"type":6,"requestId":"q","data":1}"#) == .serverSideEmitResponse(requestID: "q", answer: one))
        #expect(body(#"{"type":8,"requestId":"q","clientCount":3}"#) == .broadcastClientCount(requestID: "q", count: 3))
        #expect(body(#"{"type":9,"requestId":"q"}"#) == .broadcastAck(requestID: "q", answer: ByteBuffer(string: "null")))
        for bad in ["{}", #"{"requestId":"q"}"#, #"{"requestId":"q","type":8}"#, "x"] { #expect(body(bad) == nil, "\(bad)") }
    }

    @Test func ordersAreWritten() {
        let some = ClusterOptions(rooms: ["r"], except: ["x"])
        func text(_ body: ClusterMessage.Body) -> String? { Self.text(codec.request(message(body))) }
        let chosen = #""opts":{"rooms":["r"],"except":["x"]}"#
        #expect(text(.socketsJoin(some, rooms: ["n"])) == #"{"uid":"us","type":2,\#(chosen),"rooms":["n"]}"#)
        #expect(text(.socketsLeave(some, rooms: ["n"])) == #"{"uid":"us","type":3,\#(chosen),"rooms":["n"]}"#)
        #expect(text(.disconnectSockets(some, close: false)) == #"{"uid":"us","type":4,\#(chosen),"close":false}"#)
        #expect(text(.fetchSockets(some, requestID: "q")) == #"{"uid":"us","type":5,"requestId":"q",\#(chosen)}"#)
        #expect(text(.serverSideEmit(ByteBuffer(string: #"["e"]"#), requestID: nil)) == #"{"uid":"us","type":6,"data":["e"]}"#)
        #expect(text(.heartbeat) == nil && text(.initialHeartbeat) == nil && text(.close) == nil)
    }
}
