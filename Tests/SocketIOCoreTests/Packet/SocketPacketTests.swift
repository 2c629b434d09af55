import NIOCore
import SocketIOCore
import TestSupport
import Testing

@Suite("SocketPacket")
struct SocketPacketTests {
    private func decode(_ text: String) throws(SocketPacketError) -> SocketPacket {
        try SocketPacket(text: ByteBuffer(string: text))
    }

    private func json(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func theExamplesOfTheProtocol() throws {
        #expect(try decode("0") == SocketPacket(kind: .connect))
        #expect(try decode(#"0/admin,{"a":1}"#) == SocketPacket(kind: .connect, namespace: "/admin", json: json(#"{"a":1}"#)))
        #expect(try decode("1/admin,") == SocketPacket(kind: .disconnect, namespace: "/admin"))
        #expect(try decode("1/admin") == SocketPacket(kind: .disconnect, namespace: "/admin"))
        #expect(try decode(#"2["foo"]"#) == SocketPacket(kind: .event, json: json(#"["foo"]"#)))
        #expect(try decode(#"2/admin,12["foo"]"#) == SocketPacket(kind: .event, namespace: "/admin", ackID: 12, json: json(#"["foo"]"#)))
        #expect(try decode("3/admin,13[]") == SocketPacket(kind: .ack, namespace: "/admin", ackID: 13, json: json("[]")))
        #expect(try decode(#"4{"message":"no"}"#) == SocketPacket(kind: .connectError, json: json(#"{"message":"no"}"#)))
        #expect(try decode(#"51-["a",{}]"#) == SocketPacket(kind: .binaryEvent, attachmentCount: 1, json: json(#"["a",{}]"#)))
        #expect(
            try decode("61-/admin,1[{}]")
                == SocketPacket(kind: .binaryAck, namespace: "/admin", ackID: 1, attachmentCount: 1, json: json("[{}]"))
        )
    }

    @Test func aQueryIsNoPartOfTheNamespace() throws {
        #expect(try decode("0/admin?token=1,{}").namespace == "/admin")
        // A combining mark makes another character of the question mark, and one before it may join it.
        #expect(try decode("0/a?\u{301}b,{}").namespace == "/a")
        #expect(try decode("0/a\u{600}?b,{}").namespace == "/a\u{600}")
    }

    @Test(arguments: [
        ("", SocketPacketError.unknownType), ("7", .unknownType), ("x", .unknownType), ("/", .unknownType), ("\u{7F}", .unknownType),
        ("5", .malformedHeader), (#"5["a"]"#, .malformedHeader), (#"51["a"]"#, .malformedHeader), (#"5-["a"]"#, .malformedHeader),
        (#"5-1-["a"]"#, .malformedHeader), (#"511-["a"]"#, .tooManyAttachments), (#"599999-["a"]"#, .tooManyAttachments),
        (#"5999999999999999999999-["a"]"#, .malformedHeader), (#"29007199254740993["a"]"#, .malformedHeader),
        (#"299999999999999999999["a"]"#, .malformedHeader), ("6", .malformedHeader),
    ])
    func malformedHeadersAreRefused(_ text: String, _ error: SocketPacketError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test func namespacesAreAtMost512BytesLong() throws {
        let longest = "/" + String(repeating: "n", count: 511)
        #expect(try decode("0\(longest),").namespace == longest)
        #expect(throws: SocketPacketError.malformedHeader) { try decode("0\(longest)n,") }
        #expect(throws: SocketPacketError.malformedHeader) { try decode("0\(longest)n") }
    }

    @Test func ackIDsReach2To53() throws {
        for id: UInt64 in [0, 1, 9, 10, 1 << 32, (1 << 53) - 1, 1 << 53] { #expect(try decode("2\(id)[]").ackID == id) }
        #expect(throws: SocketPacketError.malformedHeader) { try decode("2\(UInt64(1 << 53) + 1)[]") }
    }

    @Test func everyPacketIsReadBackAsItWasWritten() throws {
        for kind in (0...6).compactMap(SocketPacket.Kind.init(rawValue:)) {
            for namespace in ["/", "/admin", "/é/1"] {
                for id: UInt64? in [nil, 0, 7, 1 << 53] {
                    for count in kind == .binaryEvent || kind == .binaryAck ? 0...10 : 0...0 {
                        for text in ["", "[]", #"["a",{"_placeholder":true,"num":0},1.50]"#] {
                            let packet = SocketPacket(kind: kind, namespace: namespace, ackID: id, attachmentCount: count, json: json(text))
                            var buffer = ByteBuffer()
                            packet.write(into: &buffer)
                            #expect(buffer.readInteger() == UInt8(ascii: "4"))
                            #expect(try SocketPacket(text: buffer) == packet)
                        }
                    }
                }
            }
        }
    }

    @Test func eventsAndAcksAreWrittenWhole() {
        func written(_ write: (inout ByteBuffer) -> Void) -> String {
            var buffer = ByteBuffer()
            write(&buffer)
            return String(buffer: buffer)
        }
        for name in ["price_update", "", "caf\u{E9}", "a\"b", "a\\b", "a\nb", String(repeating: "n", count: 300)] {
            for namespace in ["/", "/x"] {
                let streamed = written { buffer in
                    SocketPacket.writeEvent(name, namespace: namespace, into: &buffer) { $0.writeString("{\"a\":1}") }
                }
                #expect(
                    streamed
                        == written { SocketPacket.writeEvent(name, arguments: json("{\"a\":1}"), namespace: namespace, into: &$0) }
                )
            }
        }
        #expect(written { SocketPacket.writeEvent("a\"b", arguments: ByteBuffer(), into: &$0) } == #"42["a\"b"]"#)
        #expect(
            written { SocketPacket.writeEvent("a", arguments: json("1,2"), namespace: "/x", ackID: 3, into: &$0) } == #"42/x,3["a",1,2]"#
        )
        #expect(written { SocketPacket.writeEvent("a", arguments: json("{}"), attachmentCount: 2, into: &$0) } == #"452-["a",{}]"#)
        #expect(written { SocketPacket.writeAck(3, arguments: ByteBuffer(), into: &$0) } == "433[]")
        #expect(
            written { SocketPacket.writeAck(3, arguments: json(#"{"_placeholder":true,"num":0}"#), attachmentCount: 1, into: &$0) }
                == #"461-3[{"_placeholder":true,"num":0}]"#
        )
    }

    @Test func mutationsNeverCrash() {
        var generator = SeededGenerator(seed: 5)
        let texts = [#"2/admin,12["foo",{"a":[1,2]}]"#, #"52-/x,9007199254740992["a",{"_placeholder":true,"num":0}]"#, #"0{"t":"x"}"#]
        for _ in 0..<10_000 {
            for text in texts {
                var bytes = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let index = Int.random(in: 0..<bytes.count, using: &generator)
                    if Bool.random(using: &generator) {
                        bytes[index] = UInt8.random(in: 0...127, using: &generator)
                    } else {
                        bytes.remove(at: index)
                    }
                }
                guard let packet = try? SocketPacket(text: ByteBuffer(bytes: bytes)) else { continue }
                _ = try? SocketMessage(packet, attachments: [])
            }
        }
    }
}
