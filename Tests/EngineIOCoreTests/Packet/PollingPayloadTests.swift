import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("PollingPayload")
struct PollingPayloadTests {
    private func decode(_ text: String) throws(EnginePacketError) -> [EnginePacket] {
        try PollingPayload.decode(ByteBuffer(string: text))
    }

    private func text(_ text: String) -> EnginePacket { .text(ByteBuffer(string: text)) }

    @Test func onePacketNeedsNoSeparator() throws {
        #expect(try decode("4hello") == [text("hello")])
        #expect(try decode("3") == [.pong(ByteBuffer())])
    }

    @Test func aBatchKeepsItsOrder() throws {
        let packets = try decode("4a\u{1E}2probe\u{1E}bAQID\u{1E}4\u{1E}1")
        #expect(packets == [text("a"), .ping(ByteBuffer(string: "probe")), .binary(ByteBuffer(bytes: [1, 2, 3])), text(""), .close])
    }

    @Test(arguments: ["", "\u{1E}", "4a\u{1E}", "\u{1E}4a", "4a\u{1E}\u{1E}4b"])
    func anEmptyPartIsRefused(_ body: String) {
        #expect(throws: EnginePacketError.empty) { try decode(body) }
    }

    @Test func oneBadPacketRefusesTheWholeBody() throws {
        #expect(try decode("4a\u{1E}4b").count == 2)
        #expect(throws: EnginePacketError.unknownType(UInt8(ascii: "x"))) { try decode("4a\u{1E}x\u{1E}4b") }
    }

    @Test(arguments: [
        ("b", [UInt8]()), ("bAA==", [0]), ("bAA", [0]), ("bAAE=", [0, 1]), ("bAAE", [0, 1]), ("bAAEC", [0, 1, 2]),
        ("b+/+/", [0xFB, 0xFF, 0xBF]),
    ])
    func base64IsReadWithAndWithoutPadding(_ body: String, _ bytes: [UInt8]) throws {
        #expect(try decode(body) == [.binary(ByteBuffer(bytes: bytes))])
    }

    @Test(arguments: ["bA", "bA===", "b=", "b====", "bAA=", "bAA==AA==", "b-_-_", "bAA A", "bAA\n", "bé", "bAAAAA"])
    func garbageAfterBIsRefused(_ body: String) {
        #expect(throws: EnginePacketError.badBase64) { try decode(body) }
    }

    @Test func textMustBeUTF8() throws {
        #expect(try PollingPayload.decode(ByteBuffer(bytes: [0x34, 0xC3, 0xA9])) == [text("é")])
        for bad: [UInt8] in [[0x34, 0xC3], [0x34, 0xA9], [0x34, 0xC0, 0x80], [0x34, 0xED, 0xA0, 0x80], [0x34, 0xF5, 0x80, 0x80, 0x80]] {
            #expect(throws: EnginePacketError.badUTF8) { try PollingPayload.decode(ByteBuffer(bytes: bad)) }
        }
    }

    @Test func aBodyHoldsAtMost16384Packets() throws {
        let most = Array(repeating: "4", count: PollingPayload.maximumPackets).joined(separator: "\u{1E}")
        #expect(try decode(most).count == 16_384)
        #expect(throws: EnginePacketError.tooManyPackets) { try decode(most + "\u{1E}4") }
    }

    @Test func everyPrefixGivesAPrefixOfThePacketsOrThrows() throws {
        let body = Array("4aé\u{1E}2probe\u{1E}bAQIDBA==\u{1E}4\u{1E}4[1,2]\u{1E}6".utf8)
        let whole = try PollingPayload.decode(ByteBuffer(bytes: body))
        for length in 0..<body.count {
            guard let packets = try? PollingPayload.decode(ByteBuffer(bytes: body[..<length])) else { continue }
            // The last of them may be cut short, those before it not.
            #expect(packets.count <= whole.count)
            #expect(packets.dropLast().elementsEqual(whole.prefix(packets.count - 1)), "cut at \(length)")
            if length + 1 < body.count, body[length] == 0x1E { #expect(packets.last == whole[packets.count - 1]) }
        }
    }

    @Test func whatIsAppendedIsReadBack() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let messages = EnginePacket.randomMessages(of: "é😀", using: &generator)
            var body = ByteBuffer()
            for message in messages {
                message.append(to: &body, text: PollingPayload.append(text:to:), binary: PollingPayload.append(binary:to:))
            }
            #expect(try PollingPayload.decode(body) == messages)
        }
    }

    @Test func mutationsNeverCrash() {
        var generator = SeededGenerator(seed: 11)
        let body = Array("4aé\u{1E}2probe\u{1E}bAQIDBA==\u{1E}4[1,2]".utf8)
        for _ in 0..<20_000 {
            _ = try? PollingPayload.decode(ByteBuffer(bytes: body.withBytesReplaced(using: &generator)))
        }
    }
}
