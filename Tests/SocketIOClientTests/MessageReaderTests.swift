import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import SocketIOClient

@Suite("MessageReader")
struct MessageReaderTests {
    private func frame(_ opcode: WebSocketOpcode, _ text: String, isLast: Bool = true, isMasked: Bool = false) -> WebSocketFrame {
        WebSocketFrame(fin: isLast, opcode: opcode, maskKey: isMasked ? .random() : nil, data: ByteBuffer(string: text))
    }

    @Test func fragmentsBecomeOneMessage() throws {
        var reader = MessageReader(maxBytes: 6)
        #expect(try reader.received(frame(.text, "ab", isLast: false)) == nil)
        #expect(try reader.received(frame(.ping, "p")) == .ping(ByteBuffer(string: "p")))
        #expect(try reader.received(frame(.continuation, "cd", isLast: false)) == nil)
        #expect(try reader.received(frame(.continuation, "ef")) == .text(ByteBuffer(string: "abcdef")))
        #expect(try reader.received(frame(.binary, "x")) == .binary(ByteBuffer(string: "x")))
    }

    @Test func brokenRulesAreViolations() {
        var reader = MessageReader(maxBytes: 3)
        #expect(throws: MessageReader.Violation(code: 1002)) { try reader.received(frame(.text, "a", isMasked: true)) }
        #expect(throws: MessageReader.Violation(code: 1002)) { try reader.received(frame(.continuation, "a")) }
        #expect(throws: MessageReader.Violation(code: 1009)) { try reader.received(frame(.text, "abcd")) }
        #expect(throws: MessageReader.Violation(code: 1002)) { try reader.received(frame(.connectionClose, "a")) }
    }

    @Test func theMessageBoundHoldsAcrossFragments() throws {
        var reader = MessageReader(maxBytes: 3)
        _ = try reader.received(frame(.text, "ab", isLast: false))
        #expect(throws: MessageReader.Violation(code: 1009)) { try reader.received(frame(.continuation, "cd")) }
    }

    /// The frames of two messages and a ping, whole and dripped byte by byte through NIO's decoder: the same messages.
    @Test(arguments: [1, 2, 3, 7, 1_000])
    func bytesMayComeInAnyPieces(_ size: Int) throws {
        let long = String(repeating: "x", count: 300)
        var bytes = ByteBuffer(bytes: [0x01, 2, 0x34, 0x32, 0x89, 0, 0x80, 1, 0x5B, 0x81, 126, 1, 44])
        bytes.writeString(long)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1_000)))
        var reader = MessageReader(maxBytes: 1_000)
        var messages: [WebSocketMessage] = []
        while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
            try channel.writeInbound(piece)
            while let frame = try channel.readInbound(as: WebSocketFrame.self) {
                if let message = try reader.received(frame) { messages.append(message) }
            }
        }
        #expect(messages == [.ping(ByteBuffer()), .text(ByteBuffer(string: "42[")), .text(ByteBuffer(string: long))])
    }
}
