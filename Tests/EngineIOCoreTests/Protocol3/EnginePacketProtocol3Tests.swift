import EngineIOCore
import NIOCore
import Testing

/// Packets as they stand alone in a WebSocket frame.
@Suite("Protocol 3 packet")
struct EnginePacketProtocol3Tests {
    private func text(_ text: String) throws(EnginePacketError) -> EnginePacket {
        try EnginePacket(protocol3Text: ByteBuffer(string: text))
    }

    private func binary(_ bytes: [UInt8]) throws(EnginePacketError) -> EnginePacket {
        try EnginePacket(protocol3Binary: ByteBuffer(bytes: bytes))
    }

    @Test func textIsAsInProtocol4() throws {
        for packet in ["0{}", "1", "2probe", "2", "3", "4", "4hello", "5", "6"] {
            #expect(try text(packet) == EnginePacket(text: ByteBuffer(string: packet)))
        }
        #expect(throws: EnginePacketError.empty) { try text("") }
        #expect(throws: EnginePacketError.unknownType(UInt8(ascii: "a"))) { try text("abc") }
    }

    @Test func aTextFrameMayHoldBase64() throws {
        #expect(try text("b4AQIDBA==") == .binary(ByteBuffer(bytes: [1, 2, 3, 4])))
        #expect(throws: EnginePacketError.badBase64) { try text("b4!") }
    }

    @Test func aBinaryFrameLeadsWithTheType() throws {
        #expect(try binary([4, 1, 2]) == .binary(ByteBuffer(bytes: [1, 2])))
        #expect(try binary([4]) == .binary(ByteBuffer()))
        #expect(throws: EnginePacketError.empty) { try binary([]) }
        #expect(throws: EnginePacketError.unknownType(0x34)) { try binary([0x34, 1]) }
        #expect(throws: EnginePacketError.unknownType(2)) { try binary([2]) }
    }
}
