import MessagePack
import NIOCore
import SocketIOCore
import TestSupport
import Testing

@Suite("Packets in MessagePack")
struct MessagePackPacketTests {
    private func hex(_ digits: String) -> ByteBuffer {
        let digits = digits.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return ByteBuffer(bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    /// A packet as a MessagePack map of JSON text; `b64` has no place in it, so binary data is tested apart.
    private func packed(_ json: String) throws -> ByteBuffer {
        var writer = MessagePackWriter()
        try writer.write(json: Array(json.utf8).span)
        return ByteBuffer(bytes: writer.bytes)
    }

    private func decode(_ json: String) throws -> (packet: SocketPacket, attachments: [ByteBuffer]) {
        try SocketPacket.decode(messagePack: try packed(json))
    }

    // MARK: Reading

    @Test func anEvent() throws {
        let (packet, attachments) = try decode(#"{"type":2,"data":["price",{"price":105433.6,"n":[1,null]}],"nsp":"/","id":12}"#)
        let json = #"["price",{"price":105433.6,"n":[1,null]}]"#
        #expect(packet == SocketPacket(kind: .event, ackID: 12, json: ByteBuffer(string: json)))
        #expect(attachments.isEmpty)
    }

    /// What `socket.io-client` with `socket.io-msgpack-parser` sends: `options` beside the rest, and `undefined` for no `auth`.
    @Test func whatTheJavaScriptClientSends() throws {
        let connect = hex("83 a474797065 00 a464617461 d40000 a36e7370 a12f")
        #expect(try SocketPacket.decode(messagePack: connect).packet == SocketPacket(kind: .connect))
        let event = hex(
            "84 a474797065 02 a464617461 92 a3666f6f d40000 a76f7074696f6e73 81 a8636f6d7072657373 c3 a36e7370 a62f61646d696e"
        )
        let packet = SocketPacket(kind: .event, namespace: "/admin", json: ByteBuffer(string: #"["foo",null]"#))
        #expect(try SocketPacket.decode(messagePack: event).packet == packet)
    }

    /// python-socketio writes nil where JavaScript leaves the member out.
    @Test(arguments: [#"{"type":1,"data":null,"nsp":"/a"}"#, #"{"type":1,"nsp":"/a"}"#, #"{"nsp":"/a","type":1.0e0}"#])
    func aDisconnect(_ json: String) throws {
        #expect(try decode(json).packet == SocketPacket(kind: .disconnect, namespace: "/a"))
    }

    @Test func binaryValuesBecomeAttachmentsThatShareTheMessage() throws {
        // {type: 2, data: ["a", <0102>, {"b": ArrayBuffer 03}], nsp: "/"}
        let message = hex("83 a474797065 02 a464617461 93 a161 c4020102 81 a162 c7010003 a36e7370 a12f")
        let (packet, attachments) = try SocketPacket.decode(messagePack: message)
        #expect(String(buffer: packet.json) == #"["a",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]"#)
        #expect(attachments == [ByteBuffer(bytes: [1, 2]), ByteBuffer(bytes: [3])])
        guard case .event("/", "a", let arguments, nil) = try SocketMessage(packet, attachments: attachments) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.binary(0) == ByteBuffer(bytes: [1, 2]))
    }

    @Test func aMessageThatDoesNotBeginAtTheBuffersStart() throws {
        var message = ByteBuffer(bytes: [9, 9, 9])
        message.writeImmutableBuffer(hex("83 a474797065 02 a464617461 92 a161 c40107 a36e7370 a12f"))
        message.moveReaderIndex(forwardBy: 3)
        #expect(try SocketPacket.decode(messagePack: message).attachments == [ByteBuffer(bytes: [7])])
    }

    @Test func aQueryDoesNotNameAnotherNamespace() throws {
        #expect(try decode(#"{"type":0,"nsp":"/a?token=1"}"#).packet.namespace == "/a")
    }

    @Test(arguments: [
        (#"{"type":5,"data":["a"],"nsp":"/"}"#, SocketPacketError.unknownType), (#"{"type":6,"data":["a"],"nsp":"/"}"#, .unknownType),
        (#"{"type":-1,"nsp":"/"}"#, .unknownType), (#"{"type":"2","data":["a"],"nsp":"/"}"#, .unknownType),
        (#"{"type":2.5,"data":["a"],"nsp":"/"}"#, .unknownType), (#"{"data":["a"],"nsp":"/"}"#, .unknownType),
        (#"{"type":256,"data":["a"],"nsp":"/"}"#, .unknownType), (#"{"type":null,"data":["a"],"nsp":"/"}"#, .unknownType),
        (#"{"type":2,"data":["a"]}"#, .malformedHeader), (#"{"type":2,"data":["a"],"nsp":null}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":1}"#, .malformedHeader), (#"{"type":2,"data":["a"],"nsp":""}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"a"}"#, .malformedHeader), (#"{"type":2,"data":["a"],"nsp":"/a,"}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"/","id":-1}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"/","id":null}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"/","id":"1"}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"/","id":1.5}"#, .malformedHeader),
        (#"{"type":2,"data":["a"],"nsp":"/","id":9007199254740993}"#, .malformedHeader),
        (#"{"type":2,"nsp":"/"}"#, .malformedPayload), (#"{"type":2,"data":null,"nsp":"/"}"#, .malformedPayload),
        (#"{"type":2,"data":{"0":"a"},"nsp":"/"}"#, .malformedPayload), (#"{"type":2,"data":"a","nsp":"/"}"#, .malformedPayload),
        (#"{"type":3,"data":1,"nsp":"/","id":1}"#, .malformedPayload), (#"{"type":0,"data":"a","nsp":"/"}"#, .malformedPayload),
        (#"{"type":0,"data":[1],"nsp":"/"}"#, .malformedPayload), (#"{"type":0,"data":false,"nsp":"/"}"#, .malformedPayload),
        (#"{"type":1,"data":{},"nsp":"/"}"#, .malformedPayload), (#"{"type":4,"data":null,"nsp":"/"}"#, .malformedPayload),
        (#"{"type":4,"data":[1],"nsp":"/"}"#, .malformedPayload), (#"[2,["a"],"/"]"#, .malformedPayload), ("1", .malformedPayload),
    ])
    func whatTheReferenceRefuses(_ json: String, _ expected: SocketPacketError) throws {
        let message = try packed(json)
        #expect(throws: expected) { try SocketPacket.decode(messagePack: message) }
    }

    @Test func theNamespaceIsBounded() throws {
        let longest = "/" + String(repeating: "a", count: SocketPacket.maximumNamespaceLength - 1)
        #expect(try decode(#"{"type":0,"nsp":"\#(longest)"}"#).packet.namespace == longest)
        #expect(throws: SocketPacketError.malformedHeader) { try decode(#"{"type":0,"nsp":"\#(longest)a"}"#) }
    }

    @Test func binaryValuesAreBounded() throws {
        func event(_ count: Int) -> ByteBuffer {
            var writer = MessagePackWriter()
            writer.writeMapHeader(count: 3)
            writer.write("type")
            writer.write(2)
            writer.write("nsp")
            writer.write("/")
            writer.write("data")
            writer.writeArrayHeader(count: count + 1)
            writer.write("a")
            for _ in 0..<count { writer.writeBinary([]) }
            return ByteBuffer(bytes: writer.bytes)
        }
        #expect(try SocketPacket.decode(messagePack: event(1_000)).attachments.count == 1_000)
        #expect(throws: SocketPacketError.tooManyAttachments) { try SocketPacket.decode(messagePack: event(1_001)) }
    }

    @Test func dataIsNestedAsDeepAsOneJSONText() throws {
        func event(_ levels: Int) -> ByteBuffer {
            var writer = MessagePackWriter()
            writer.writeMapHeader(count: 3)
            writer.write("type")
            writer.write(2)
            writer.write("nsp")
            writer.write("/")
            writer.write("data")
            writer.writeArrayHeader(count: 2)
            writer.write("a")
            for _ in 1..<levels { writer.writeArrayHeader(count: 1) }
            writer.writeNil()
            return ByteBuffer(bytes: writer.bytes)
        }
        let (packet, _) = try SocketPacket.decode(messagePack: event(64))
        guard case .event = try SocketMessage(packet) else { return notWhatIsDue("not an event") }
        #expect(throws: SocketPacketError.malformedPayload) { try SocketPacket.decode(messagePack: event(65)) }
        #expect(throws: SocketPacketError.malformedPayload) { try SocketPacket.decode(messagePack: event(100_000)) }
    }

    @Test func everyTruncationIsRefused() throws {
        let message = hex("84 a474797065 02 a464617461 93 a161 c4020102 81 a162 c7010003 a36e7370 a12f a26964 07")
        _ = try SocketPacket.decode(messagePack: message)
        for length in 0..<message.readableBytes {
            #expect(throws: SocketPacketError.malformedPayload) {
                try SocketPacket.decode(messagePack: message.getSlice(at: 0, length: length) ?? ByteBuffer())
            }
        }
        var longer = message
        longer.writeInteger(UInt8(0xC0))
        #expect(throws: SocketPacketError.malformedPayload) { try SocketPacket.decode(messagePack: longer) }
    }

    // MARK: Writing

    @Test func anEventIsWrittenAsTheReferenceWritesIt() throws {
        let packet = SocketPacket(kind: .event, ackID: 7, json: ByteBuffer(string: #"["a",1]"#))
        #expect(packet.messagePack() == hex("84 a474797065 02 a464617461 92 a161 01 a36e7370 a12f a26964 07"))
        #expect(SocketPacket(kind: .disconnect, namespace: "/x").messagePack() == hex("82 a474797065 01 a36e7370 a22f78"))
    }

    @Test func attachmentsTakeThePlaceOfTheirPlaceholders() throws {
        let json = #"["a",{"num":1,"_placeholder":true},{"b":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":2}]"#
        let packet = SocketPacket(kind: .binaryEvent, attachmentCount: 2, json: ByteBuffer(string: json))
        let message = packet.messagePack(attachments: [ByteBuffer(bytes: [1]), ByteBuffer(bytes: [2])])
        let data = try #require(try MessagePackValue(Array(message.readableBytesView))["data"])
        #expect(data[1]?.binary.map(Array.init) == [2])
        #expect(data[2]?["b"]?.binary.map(Array.init) == [1])
        // No attachment has this number: an object like any other.
        #expect(data[3]?["num"]?.integer == 2)
    }

    @Test func withoutAttachmentsAPlaceholderIsAnObject() throws {
        let packet = SocketPacket(kind: .event, json: ByteBuffer(string: #"["a",{"_placeholder":true,"num":0}]"#))
        let value = try MessagePackValue(Array(packet.messagePack().readableBytesView))
        #expect(value["data"]?[1]?["num"]?.integer == 0)
    }

    @Test func textThatIsNoJSONBecomesNil() throws {
        let packet = SocketPacket(kind: .event, json: ByteBuffer(string: #"["a",]"#))
        #expect(try MessagePackValue(Array(packet.messagePack().readableBytesView))["data"]?.isNil == true)
        let binary = packet.messagePack(attachments: [ByteBuffer(bytes: [1])])
        #expect(try MessagePackValue(Array(binary.readableBytesView))["data"]?.isNil == true)
    }

    @Test func thereAndBack() throws {
        for text in [
            #"40{"token":"a"}"#, "40", "41/x,", #"42["a",{"b":[1.5,"é"]}]"#, #"42/x,12["a"]"#, "437[]", #"44{"message":"no"}"#,
        ] {
            let message = try #require(SocketPacket.messagePack(text: ByteBuffer(string: text), attachments: []))
            var again = ByteBuffer()
            try SocketPacket.decode(messagePack: message).packet.write(into: &again)
            #expect(String(buffer: again) == text)
        }
        #expect(SocketPacket.messagePack(text: ByteBuffer(), attachments: []) == nil)
        #expect(SocketPacket.messagePack(text: ByteBuffer(string: "4x"), attachments: []) == nil)
    }

    @Test func mutationsNeverCrashAndAreAcceptedAgainOrRefused() throws {
        var generator = SeededGenerator(seed: 5)
        let seed = hex("84 a474797065 02 a464617461 93 a161 c4020102 82 a162 c7010003 a163 d6ff00000001 a36e7370 a12f a26964 07")
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = Array(seed.readableBytesView).withBytesReplaced(upTo: 2, using: &generator)
            guard let (packet, attachments) = try? SocketPacket.decode(messagePack: ByteBuffer(bytes: bytes)) else { continue }
            accepted += 1
            _ = try? SocketMessage(packet, attachments: attachments)
            let (again, copies) = try SocketPacket.decode(messagePack: packet.messagePack(attachments: attachments))
            #expect(again.kind == packet.kind && again.namespace == packet.namespace && again.ackID == packet.ackID)
            #expect(copies == attachments)
        }
        #expect(accepted > 500)
    }
}
