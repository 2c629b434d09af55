import EngineIOCore
import NIOCore
import Testing

@Suite("EnginePacket")
struct EnginePacketTests {
    @Test(arguments: [
        ("0{}", EnginePacket.open(ByteBuffer(string: "{}"))), ("1", .close), ("2", .ping(ByteBuffer())),
        ("2probe", .ping(ByteBuffer(string: "probe"))), ("3probe", .pong(ByteBuffer(string: "probe"))), ("4", .text(ByteBuffer())),
        ("4hello é", .text(ByteBuffer(string: "hello é"))), ("5", .upgrade), ("6", .noop), ("6x", .noop),
    ])
    func eachTypeIsRead(_ text: String, _ packet: EnginePacket) throws {
        #expect(try EnginePacket(text: ByteBuffer(string: text)) == packet)
    }

    @Test func anEmptyTextIsRefused() {
        #expect(throws: EnginePacketError.empty) { try EnginePacket(text: ByteBuffer()) }
    }

    @Test func onlySevenOf256FirstBytesAreTypes() {
        for byte in UInt8.min...UInt8.max {
            let buffer = ByteBuffer(bytes: [byte, 0x78])
            if (UInt8(ascii: "0")...UInt8(ascii: "6")).contains(byte) {
                #expect(throws: Never.self) { try EnginePacket(text: buffer) }
            } else {
                #expect(throws: EnginePacketError.unknownType(byte)) { try EnginePacket(text: buffer) }
            }
        }
    }

    @Test func thePayloadIsASliceWhereverTheBufferBegins() throws {
        var buffer = ByteBuffer(string: "??4abc")
        buffer.moveReaderIndex(forwardBy: 2)
        #expect(try EnginePacket(text: buffer) == .text(ByteBuffer(string: "abc")))
    }
}
