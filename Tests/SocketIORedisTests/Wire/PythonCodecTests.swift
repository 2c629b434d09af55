import NIOCore
import SocketIOCore
import Testing

@testable import SocketIORedis

@Suite("The format of python-socketio")
struct PythonCodecTests {
    private static func read(_ json: String) -> PythonCodec.Incoming? { PythonCodec.read(ByteBuffer(string: json)) { "q1" } }

    private static func bodies(_ json: String) -> [ClusterMessage.Body] {
        if case .messages(let messages)? = read(json) { messages.map(\.body) } else { [] }
    }

    @Test func anEmitIsABroadcast() {
        let plain =
            #"{"method":"emit","event":"e","data":[1,"x"],"binary":false,"namespace":"/","room":"r","skip_sid":null,"callback":null,"host_id":"h"}"#
        let event = ClusterEvent(array: ByteBuffer(string: #"["e",1,"x"]"#))
        #expect(Self.bodies(plain) == [.broadcast(event, ClusterOptions(rooms: ["r"]), requestID: nil)])
        let several = #"{"method":"emit","event":"e","data":[],"namespace":"/","room":["a","b"],"skip_sid":["s"],"host_id":"h"}"#
        let none = ClusterEvent(array: ByteBuffer(string: #"["e"]"#))
        #expect(Self.bodies(several) == [.broadcast(none, ClusterOptions(rooms: ["a", "b"], except: ["s"]), requestID: nil)])
    }

    /// Versions before 5.16 write one argument as it is; others than servers do not say who they are.
    @Test(arguments: [
        (#"{"a":1}"#, #",{"a":1}"#), (#""x""#, #","x""#), ("5", ",5"), ("true", ",true"), ("null", ""), ("[[1]]", ",[1]"), ("[null]", ""),
        ("[ null ]", ""), ("[null,1]", ",null,1"), ("[[null]]", ",[null]"),
    ])
    func whatIsNoListIsOneArgument(_ data: String, _ rest: String) {
        let event = ClusterEvent(array: ByteBuffer(string: #"["e"\#(rest)]"#))
        #expect(Self.bodies(#"{"method":"emit","event":"e","data":\#(data)}"#) == [.broadcast(event, ClusterOptions(), requestID: nil)])
        let end = ClusterMessage.Body.disconnectSockets(ClusterOptions(rooms: ["s"]), close: false)
        #expect(Self.bodies(#"{"method":"disconnect","sid":"s"}"#) == [end])
    }

    /// A room of theirs may be whatever Python can hash.
    @Test(arguments: [
        ("null", []), (#""r""#, ["r"]), ("5", ["5"]), ("0", ["0"]), ("-1.50", ["-1.50"]), ("[5]", ["5"]), (#"["a",5]"#, ["a", "5"]),
    ]) func aRoomMayBeANumber(_ room: String, _ rooms: [String]) {
        let event = ClusterEvent(array: ByteBuffer(string: #"["e"]"#))
        let emit = #"{"method":"emit","event":"e","data":[],"room":\#(room),"host_id":"h"}"#
        #expect(Self.bodies(emit) == [.broadcast(event, ClusterOptions(rooms: rooms), requestID: nil)])
        let skip = #"{"method":"emit","event":"e","data":[],"skip_sid":\#(room),"host_id":"h"}"#
        #expect(Self.bodies(skip) == [.broadcast(event, ClusterOptions(except: rooms), requestID: nil)])
    }

    @Test(arguments: ["{}", "true", "false", "[true]", "[[]]", #"["a",{}]"#, "[null]"])
    func whatNamesNobodyIsNotEveryone(_ room: String) {
        #expect(Self.read(#"{"method":"emit","event":"e","data":[],"room":\#(room),"host_id":"h"}"#) == nil)
        #expect(Self.read(#"{"method":"emit","event":"e","data":[],"skip_sid":\#(room),"host_id":"h"}"#) == nil)
        #expect(Self.read(#"{"method":"emit","event":"e","data":[],"room":\#(room),"callback":["s","/",7],"host_id":"h"}"#) == nil)
        for method in ["enter_room", "leave_room", "close_room"] {
            #expect(Self.read(#"{"method":"\#(method)","sid":"s","room":\#(room),"host_id":"h"}"#) == nil)
        }
    }

    @Test func inAListOfNoRoomsIsNobody() {
        #expect(Self.read(#"{"method":"emit","event":"e","data":[],"room":[],"host_id":"h"}"#) == nil)
        let event = ClusterEvent(array: ByteBuffer(string: #"["e"]"#))
        let everyone = ClusterMessage.Body.broadcast(event, ClusterOptions(), requestID: nil)
        #expect(Self.bodies(#"{"method":"emit","event":"e","data":[],"skip_sid":[],"host_id":"h"}"#) == [everyone])
    }

    @Test func binaryValuesAreBase64() {
        let json =
            #"{"method":"emit","event":"e","data":[[{"_placeholder":true,"num":0},1],"AQI="],"binary":true,"namespace":"/","room":null,"host_id":"h"}"#
        let array = ByteBuffer(string: #"["e",{"_placeholder":true,"num":0},1]"#)
        let event = ClusterEvent(array: array, attachments: [ByteBuffer(bytes: [1, 2])])
        #expect(Self.bodies(json) == [.broadcast(event, ClusterOptions(), requestID: nil)])
        let message = ClusterMessage(sender: "a", namespace: "/", body: .broadcast(event, ClusterOptions(), requestID: nil))
        let written = PythonCodec.write(message, host: "h")
        #expect(written.count == 1 && Self.bodies(String(buffer: written[0])) == [message.body])
    }

    @Test func aCallbackIsAQuestion() throws {
        let json = #"{"method":"emit","event":"e","data":[1],"namespace":"/","room":"s","callback":["s","/",7],"host_id":"h"}"#
        guard case .question(let message, let callback)? = Self.read(json) else { throw NotMet(what: "a question") }
        #expect(callback == PythonCodec.Callback(host: "h", parts: ["\"s\"", "\"/\"", "7"]))
        guard case .broadcast(_, let options, "q1"?) = message.body else { throw NotMet(what: "a request") }
        // As long as `call()` waits.
        #expect(options.timeout == .seconds(60))
        #expect(
            String(buffer: PythonCodec.answer(callback, ByteBuffer(string: "[1]")))
                == #"{"method":"callback","host_id":"h","sid":"s","namespace":"/","id":7,"args":[[1]]}"#
        )
        #expect(
            Self.bodies(#"{"method":"callback","host_id":"h","sid":"s","namespace":"/","id":"q","args":[5,6]}"#)
                == [.broadcastClientCount(requestID: "q", count: 1), .broadcastAck(requestID: "q", answer: ByteBuffer(string: "5"))]
        )
    }

    @Test func ordersAreAboutOneSocket() {
        let one = ClusterOptions(rooms: ["s"])
        #expect(Self.bodies(#"{"method":"disconnect","sid":"s","namespace":"/","host_id":"h"}"#) == [.disconnectSockets(one, close: false)])
        #expect(Self.bodies(#"{"method":"enter_room","sid":"s","room":"r","host_id":"h"}"#) == [.socketsJoin(one, rooms: ["r"])])
        #expect(Self.bodies(#"{"method":"leave_room","sid":"s","room":"r","host_id":"h"}"#) == [.socketsLeave(one, rooms: ["r"])])
        let room = ClusterOptions(rooms: ["r"])
        #expect(Self.bodies(#"{"method":"close_room","room":"r","host_id":"h"}"#) == [.socketsLeave(room, rooms: ["r"])])
        #expect(Self.bodies(#"{"method":"enter_room","sid":"s","room":5,"host_id":"h"}"#) == [.socketsJoin(one, rooms: ["5"])])
        #expect(Self.bodies(#"{"method":"leave_room","sid":"s","room":5,"host_id":"h"}"#) == [.socketsLeave(one, rooms: ["5"])])
        let number = ClusterMessage.Body.socketsLeave(ClusterOptions(rooms: ["5"]), rooms: ["5"])
        #expect(Self.bodies(#"{"method":"close_room","room":5,"host_id":"h"}"#) == [number])
    }

    /// Versions before 5 wrote pickles.
    @Test func whatIsNoJSONIsIgnored() {
        for bad in [
            "\u{80}\u{4}\u{95}", "", "[]", "{}", #"{"method":"emit"}"#, #"{"method":"emit","host_id":"h","event":"e"}"#,
            #"{"method":"x","host_id":"h"}"#,
        ] {
            #expect(Self.read(bad) == nil, "\(bad)")
        }
        var bytes = Array(#"{"method":"emit","event":"e","data":["?"],"namespace":"/","room":"r","host_id":"h"}"#.utf8)
        #expect(PythonCodec.read(ByteBuffer(bytes: bytes)) { "q" } != nil)
        // No UTF-8, which no client would survive.
        if let mark = bytes.firstIndex(of: UInt8(ascii: "?")) { bytes[mark] = 0xFF }
        #expect(PythonCodec.read(ByteBuffer(bytes: bytes)) { "q" } == nil)
    }

    @Test func whatTheirsHasNoWordForGoesBetweenOurs() throws {
        let message = ClusterMessage(sender: "a", namespace: "/", body: .fetchSockets(ClusterOptions(), requestID: "q"))
        let written = PythonCodec.write(message, host: "h")
        guard case .cluster(let read, to: nil)? = PythonCodec.read(try #require(written.first), requestID: { "" }) else {
            throw NotMet(what: "a message of ours")
        }
        #expect(read == message && written.count == 1)
        let answer = PythonCodec.cluster(message, host: "h", to: "b")
        guard case .cluster(_, to: "b"?)? = PythonCodec.read(answer, requestID: { "" }) else { throw NotMet(what: "an answer of ours") }
    }
}
