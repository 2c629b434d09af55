import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3 text payload")
struct Protocol3TextPayloadTests {
    private func decode(_ text: String) throws(EnginePacketError) -> [EnginePacket] {
        try Protocol3TextPayload.decode(ByteBuffer(string: text))
    }

    private func text(_ text: String) -> EnginePacket { .text(ByteBuffer(string: text)) }

    @Test func theExamplesOfTheSpecification() throws {
        #expect(try decode("6:4hello2:4€") == [text("hello"), text("€")])
        #expect(try decode("2:4€10:b4AQIDBA==") == [text("€"), .binary(ByteBuffer(bytes: [1, 2, 3, 4]))])
        #expect(try decode("6:4hello6:4world") == [text("hello"), text("world")])
    }

    @Test func aBatchKeepsItsOrder() throws {
        let packets = try decode("2:4a6:2probe6:b4AQID1:41:11:33:4:21:51:6")
        #expect(
            packets == [
                text("a"), .ping(ByteBuffer(string: "probe")), .binary(ByteBuffer(bytes: [1, 2, 3])), text(""), .close,
                .pong(ByteBuffer()), text(":2"), .upgrade, .noop,
            ]
        )
    }

    /// As JavaScript counts: a character beyond U+FFFF is two.
    @Test(arguments: ["é", "€", "\u{FFFF}", "😀", "a😀b", "👩‍👩‍👧", "e\u{301}", "\u{2028}"])
    func lengthsAreUTF16CodeUnits(_ content: String) throws {
        let length = content.utf16.count + 1
        #expect(try decode("\(length):4\(content)2:4x") == [text(content), text("x")])
        var body = ByteBuffer()
        Protocol3TextPayload.append(text: ByteBuffer(string: "4" + content), to: &body)
        #expect(body == ByteBuffer(string: "\(length):4\(content)"))
    }

    @Test(arguments: ["2:4😀", "3:4😀😀", "2:4a😀1:4"])
    func aLengthThatSplitsACharacterOrPointsElsewhereIsRefused(_ body: String) {
        #expect(throws: EnginePacketError.self) { try decode(body) }
    }

    @Test(arguments: [
        "abc", ":4a", "4a", "2:4a3", "2:4a3:", "3:4a", "2x:4a", "-1:4", "+2:4a", " 2:4a", "2 :4a", "1e1:4aaaaaaaaa", "0x2:4a", "2:4a:",
        "2.0:4a", "9999999999:4a", "999999999:4a", "٢:4a", "1:4a",
    ])
    func aBadLengthRefusesTheWholeBody(_ body: String) {
        #expect(throws: EnginePacketError.badHeader) { try decode(body) }
    }

    @Test func anEmptyBodyIsRefusedAndAnEmptyPacketIsNone() throws {
        #expect(throws: EnginePacketError.empty) { try decode("") }
        #expect(try decode("0:") == [])
        #expect(try decode("0:2:4a0:") == [text("a")])
        #expect(try decode("02:4a") == [text("a")])
    }

    @Test func oneBadPacketRefusesTheWholeBody() {
        #expect(throws: EnginePacketError.unknownType(UInt8(ascii: "x"))) { try decode("2:4a2:xa") }
        #expect(throws: EnginePacketError.unknownType(UInt8(ascii: "7"))) { try decode("1:7") }
    }

    @Test func base64IsReadWithAndWithoutPadding() throws {
        for body in ["6:b4AA==", "4:b4AA"] { #expect(try decode(body) == [.binary(ByteBuffer(bytes: [0]))]) }
        #expect(try decode("2:b4") == [.binary(ByteBuffer())])
        for body in ["3:b4A", "6:b4AA=A", "6:b4-_-_", "5:b4AA\n"] {
            #expect(throws: EnginePacketError.badBase64) { try decode(body) }
        }
        #expect(throws: EnginePacketError.empty) { try decode("1:b") }
        #expect(throws: EnginePacketError.unknownType(UInt8(ascii: "2"))) { try decode("6:b2AQID") }
    }

    @Test func textMustBeUTF8() {
        for bad: [UInt8] in [[0xC3], [0xA9], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            #expect(throws: EnginePacketError.badUTF8) { try Protocol3TextPayload.decode(ByteBuffer(bytes: Array("2:4".utf8) + bad)) }
        }
    }

    @Test func aBodyHoldsAtMost16384Packets() throws {
        for packet in ["1:4", "0:"] {
            let most = String(repeating: packet, count: PollingPayload.maximumPackets)
            #expect(try decode(most).count == (packet == "0:" ? 0 : 16_384))
            #expect(throws: EnginePacketError.tooManyPackets) { try decode(most + packet) }
        }
    }

    @Test func everyPrefixGivesAPrefixOfThePacketsOrThrows() throws {
        let body = Array("3:4aé1:26:2probe10:b4AQIDBA==3:4😀1:6".utf8)
        let whole = try Protocol3TextPayload.decode(ByteBuffer(bytes: body))
        #expect(whole.count == 6)
        var read = 0
        for length in 0...body.count {
            guard let packets = try? Protocol3TextPayload.decode(ByteBuffer(bytes: body[..<length])) else { continue }
            #expect(packets.elementsEqual(whole.prefix(packets.count)), "cut at \(length)")
            read += 1
        }
        // Only at the ends of packets is there a whole body.
        #expect(read == 6)
    }

    @Test func whatIsAppendedIsReadBack() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let messages = EnginePacket.randomMessages(of: "é:😀", using: &generator)
            var body = ByteBuffer()
            for message in messages {
                message.append(to: &body, text: Protocol3TextPayload.append(text:to:), binary: Protocol3TextPayload.append(binary:to:))
            }
            #expect(try Protocol3TextPayload.decode(body) == messages)
        }
    }
}
