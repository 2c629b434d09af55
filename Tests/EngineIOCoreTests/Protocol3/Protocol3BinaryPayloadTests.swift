import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3 binary payload")
struct Protocol3BinaryPayloadTests {
    private func decode(_ bytes: [UInt8]) throws(EnginePacketError) -> [EnginePacket] {
        try Protocol3BinaryPayload.decode(ByteBuffer(bytes: bytes))
    }

    private func text(_ text: String) -> EnginePacket { .text(ByteBuffer(string: text)) }

    /// The body that the official suite expects; the euro sign is the specification's, three bytes of UTF-8.
    private let hello: [UInt8] = [0, 6, 255] + Array("4hello".utf8) + [1, 5, 255, 4, 1, 2, 3, 4] + [0, 4, 255, 0x34, 0xE2, 0x82, 0xAC]

    @Test func theExamples() throws {
        let packets = [text("hello"), .binary(ByteBuffer(bytes: [1, 2, 3, 4])), text("€")]
        #expect(try decode(hello) == packets)
        var body = ByteBuffer()
        Protocol3BinaryPayload.append(text: ByteBuffer(string: "4hello"), to: &body)
        Protocol3BinaryPayload.append(binary: ByteBuffer(bytes: [1, 2, 3, 4]), to: &body)
        Protocol3BinaryPayload.append(text: ByteBuffer(string: "4€"), to: &body)
        #expect(body == ByteBuffer(bytes: hello))
    }

    @Test func lengthsAreDecimalDigitsOneToAByte() throws {
        let long = [UInt8](repeating: 7, count: 1204)
        let body: [UInt8] = [1, 1, 2, 0, 5, 255, 4] + long
        #expect(try decode(body) == [.binary(ByteBuffer(bytes: long))])
        var again = ByteBuffer()
        Protocol3BinaryPayload.append(binary: ByteBuffer(bytes: long), to: &again)
        #expect(again == ByteBuffer(bytes: body))
        #expect(try decode([0, 0, 0, 1, 255, 0x32]) == [.ping(ByteBuffer())])
    }

    @Test(
        arguments: [
            [0], [1], [2, 1, 255, 4], [0x34], [0, 255, 0x34], [0, 1], [0, 1, 255], [0, 2, 255, 0x34], [0, 10, 255, 0x34],
            [0, 0x31, 255, 0x34],
            [0, 254, 255, 0x34], [0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255], [0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 255, 0x34],
            [0, 1, 255, 0x34, 0], [0, 1, 255, 0x34, 255],
        ] as [[UInt8]]
    )
    func aBadHeaderRefusesTheWholeBody(_ body: [UInt8]) {
        #expect(throws: EnginePacketError.badHeader) { try decode(body) }
    }

    @Test func badPacketsRefuseTheWholeBody() {
        #expect(throws: EnginePacketError.empty) { try decode([]) }
        #expect(throws: EnginePacketError.empty) { try decode([0, 0, 255]) }
        #expect(throws: EnginePacketError.empty) { try decode([1, 0, 255]) }
        #expect(throws: EnginePacketError.unknownType(0x78)) { try decode([0, 1, 255, 0x78]) }
        #expect(throws: EnginePacketError.badUTF8) { try decode([0, 2, 255, 0x34, 0xC3]) }
        // Only messages are binary, and their type is a number, not a digit.
        for type: UInt8 in [0, 2, 5, 7, 0x34, 255] {
            #expect(throws: EnginePacketError.unknownType(type)) { try decode([1, 2, 255, type, 1]) }
        }
    }

    @Test func textMayHoldBase64() throws {
        #expect(try decode([0, 6, 255] + Array("b4AQID".utf8)) == [.binary(ByteBuffer(bytes: [1, 2, 3]))])
        #expect(throws: EnginePacketError.badBase64) { try decode([0, 3, 255] + Array("b4A".utf8)) }
    }

    @Test func aBodyHoldsAtMost16384Packets() throws {
        let most = [[UInt8]](repeating: [0, 1, 255, 0x34], count: PollingPayload.maximumPackets).flatMap { $0 }
        #expect(try decode(most).count == 16_384)
        #expect(throws: EnginePacketError.tooManyPackets) { try decode(most + [0, 1, 255, 0x34]) }
    }

    @Test func everyPrefixGivesAPrefixOfThePacketsOrThrows() throws {
        let whole = try decode(hello)
        let read = (0...hello.count).compactMap { length in try? decode(Array(hello[..<length])) }
        #expect(read.map(\.count) == [1, 2, 3])
        #expect(read.allSatisfy { $0.elementsEqual(whole.prefix($0.count)) })
    }

    @Test func mutationsNeverCrash() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<20_000 {
            let mutated = hello.withBytesReplaced(using: &generator)
            _ = try? decode(mutated)
            _ = try? Protocol3TextPayload.decode(ByteBuffer(bytes: mutated))
        }
    }

    @Test func whatIsAppendedIsReadBack() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let messages = EnginePacket.randomMessages(of: "é😀", using: &generator)
            var body = ByteBuffer()
            for message in messages {
                message.append(to: &body, text: Protocol3BinaryPayload.append(text:to:), binary: Protocol3BinaryPayload.append(binary:to:))
            }
            #expect(try Protocol3BinaryPayload.decode(body) == messages)
        }
    }
}
