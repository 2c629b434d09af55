import NIOCore
import Testing

@testable import EngineIO

@Suite("OutboundFrame")
struct OutboundFrameTests {
    /// RFC 6455, section 5.2: the shortest form of the length.
    @Test(
        arguments: [
            (0, [0x81, 0x00]), (1, [0x81, 0x01]), (125, [0x81, 0x7D]), (126, [0x81, 0x7E, 0x00, 0x7E]), (65_535, [0x81, 0x7E, 0xFF, 0xFF]),
            (65_536, [0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])]
    )
    func headers(_ length: Int, _ header: [UInt8]) {
        let frame = OutboundFrame(capacity: 0) { $0.writeRepeatingByte(0x61, count: length) }
        #expect(frame.webSocket == ByteBuffer(bytes: header + Array(repeating: 0x61, count: length)))
        #expect(frame.byteCount == header.count + length)
        #expect(frame.textPacket == ByteBuffer(repeating: 0x61, count: length))
        #expect(frame.binaryPayloads.isEmpty)
    }

    @Test func binariesFollowInFramesOfTheirOwn() {
        let long = ByteBuffer(repeating: 7, count: 200)
        let frame = OutboundFrame(capacity: 4, binaries: [ByteBuffer(bytes: [1, 2]), ByteBuffer(), long]) { $0.writeString("451-") }
        var expected = ByteBuffer(bytes: [0x81, 4])
        expected.writeString("451-")
        expected.writeBytes([0x82, 2, 1, 2, 0x82, 0, 0x82, 126, 0, 200])
        expected.writeImmutableBuffer(long)
        #expect(frame.webSocket == expected)
        #expect(frame.textPacket == ByteBuffer(string: "451-"))
        #expect(frame.binaryPayloads == [ByteBuffer(bytes: [1, 2]), ByteBuffer(), long])
    }

    private struct Part: ConflatableMessage {
        let bytes: ByteBuffer
        var key: ConflationKey { ConflationKey(group: "g") }
        var byteCount: Int { bytes.readableBytes }
        func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage { self }
        func makeFrame() -> OutboundFrame { OutboundFrame(capacity: 0) { $0.writeImmutableBuffer(bytes) } }
    }

    @Test(arguments: [0, 3, 125, 126, 70_000])
    func aLatestValueMayKeepPartsOfTheMessage(_ length: Int) {
        var range = 0..<0
        let frame = OutboundFrame(
            capacity: 0,
            { buffer in
                buffer.writeString("42[")
                let start = buffer.writerIndex
                buffer.writeRepeatingByte(0x61, count: length)
                range = start..<buffer.writerIndex
                buffer.writeString("]")
            },
            conflation: { $0.getSlice(at: range.lowerBound, length: range.count).map { Part(bytes: $0) } }
        )
        #expect((frame.conflation as? Part)?.bytes == ByteBuffer(repeating: 0x61, count: length))
        #expect(frame.textPacket == ByteBuffer(string: "42[" + String(repeating: "a", count: length) + "]"))
    }

    @Test func aBinaryMessageHasNoTextFrame() {
        let frame = OutboundFrame(binary: ByteBuffer(bytes: [1, 2, 3]))
        #expect(frame.webSocket == ByteBuffer(bytes: [0x82, 3, 1, 2, 3]))
        #expect(frame.textPacket == ByteBuffer())
        #expect(frame.binaryPayloads == [ByteBuffer(bytes: [1, 2, 3])])
        #expect(OutboundFrame(binary: ByteBuffer()).webSocket == ByteBuffer(bytes: [0x82, 0]))
    }

    @Test func textIsCountedInBytes() {
        #expect(OutboundFrame(text: "4é").webSocket == ByteBuffer(bytes: [0x81, 3, 0x34, 0xC3, 0xA9]))
    }
}
