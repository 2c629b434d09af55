import EngineIOCore
import NIOCore
import Testing

@testable import EngineIO

@Suite("PacketEncoding")
struct PacketEncodingTests {
    private let event = OutboundFrame(capacity: 8, binaries: [ByteBuffer(bytes: [1, 2, 3]), ByteBuffer()]) { $0.writeString("452-[é]") }
    private let plain = OutboundFrame(text: "42[é]")

    private func encoding(_ query: String, _ transport: TransportKind = .polling, _ revision: EngineRevision = .three) -> PacketEncoding {
        PacketEncoding(revision, transport: transport, query: EngineQuery(query))
    }

    @Test func theQueryChooses() {
        #expect(encoding("EIO=3") == .protocol3)
        #expect(encoding("b64=1") == .protocol3Base64)
        #expect(encoding("b64=") == .protocol3)
        #expect(encoding("j=7&b64=1") == .protocol3JSONP(index: 7))
        #expect(encoding("j=7", .websocket) == .protocol3)
        #expect(encoding("j=7&b64=1", .polling, .four) == .protocol4Base64)
        #expect(encoding("b64=", .websocket, .four) == .protocol4)
    }

    @Test func aWebSocketFrameWithoutBinaryIsTheSameInBothProtocols() {
        for encoding in [PacketEncoding.protocol4, .protocol3, .protocol3Base64] {
            #expect(encoding.webSocketForm(of: plain) === plain)
        }
        #expect(PacketEncoding.protocol4.webSocketForm(of: event) === event)
    }

    @Test func binaryFramesOfProtocol3() {
        let frames = PacketEncoding.protocol3.webSocketForm(of: event).webSocket
        let text = [0x81, 8] + Array("452-[é]".utf8)
        #expect(frames == ByteBuffer(bytes: text + [0x82, 4, 4, 1, 2, 3, 0x82, 1, 4]))
        let base64 = PacketEncoding.protocol3Base64.webSocketForm(of: event).webSocket
        #expect(base64 == ByteBuffer(bytes: text + [0x81, 6] + Array("b4AQID".utf8) + [0x81, 2] + Array("b4".utf8)))
        let long = OutboundFrame(binary: ByteBuffer(repeating: 9, count: 125))
        #expect(
            PacketEncoding.protocol3.webSocketForm(of: long).webSocket.readableBytesView.prefix(5).elementsEqual([0x82, 126, 0, 126, 4])
        )
    }

    /// A broadcast is encoded once for each form, however many get it.
    @Test func eachFormIsMadeOnceAndShared() {
        for encoding in [PacketEncoding.protocol3, .protocol3Base64] {
            let form = encoding.webSocketForm(of: event)
            #expect(form === encoding.webSocketForm(of: event))
            // A form of a form is itself.
            #expect(form === encoding.webSocketForm(of: form))
        }
        #expect(PacketEncoding.protocol3.webSocketForm(of: event) !== PacketEncoding.protocol3Base64.webSocketForm(of: event))
        for isBinary in [true, false] {
            let first = event.protocol3.payload(event, isBinary: isBinary)
            let second = event.protocol3.payload(event, isBinary: isBinary)
            #expect(address(first) == address(second))
        }
    }

    private func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? { buffer.withUnsafeReadableBytes { $0.baseAddress } }

    @Test func membersOfBothProtocolsShareWhatTheyCan() {
        var pending = PendingFrames()
        let encodings = [PacketEncoding.protocol4, .protocol3, .protocol4, .protocol3]
        let cursors = encodings.map { encoding in
            [plain, event].reduce(PendingFrames.Cursor.none) { pending.appending(encoding.webSocketForm(of: $1), to: $0) }
        }
        #expect(cursors[0] == cursors[2])
        #expect(cursors[0] != cursors[1])
        #expect(pending.frames(cursors[1])[0] === plain)
        #expect(pending.frames(cursors[3])[1] === PacketEncoding.protocol3.webSocketForm(of: event))
        #expect(address(pending.bytes(cursors[0])) == address(pending.bytes(cursors[2])))
    }

    @Test func pollingPayloads() {
        let body = PacketEncoding.protocol4.payload([plain, event])
        #expect(body.contentType == "text/plain; charset=UTF-8")
        #expect(body.body == ByteBuffer(string: "42[é]\u{1E}452-[é]\u{1E}bAQID\u{1E}b"))
        let text = PacketEncoding.protocol3Base64.payload([plain, event])
        #expect(text.contentType == "text/plain; charset=UTF-8")
        #expect(text.body == ByteBuffer(string: "5:42[é]7:452-[é]6:b4AQID2:b4"))
        let bytes = PacketEncoding.protocol3.payload([plain, event])
        #expect(bytes.contentType == "application/octet-stream")
        var expected = ByteBuffer(bytes: [0, 6, 255])
        expected.writeString("42[é]")
        expected.writeBytes([0, 8, 255])
        expected.writeString("452-[é]")
        expected.writeBytes([1, 4, 255, 4, 1, 2, 3, 1, 1, 255, 4])
        #expect(bytes.body == expected)
        #expect(PacketEncoding.protocol3.payload([plain]).body == ByteBuffer(string: "5:42[é]"))
        let script = PacketEncoding.protocol3JSONP(index: 2).payload([plain, event])
        #expect(script.contentType == "text/javascript; charset=UTF-8")
        #expect(script.body == ByteBuffer(string: #"___eio[2]("5:42[é]7:452-[é]6:b4AQID2:b4");"#))
    }

    @Test func bodiesAreReadAsTheSessionWritesThem() throws {
        let packets = [EnginePacket.text(ByteBuffer(string: "a"))]
        #expect(try PacketEncoding.protocol4.packets(ByteBuffer(string: "4a"), isBinary: false) == packets)
        for encoding in [PacketEncoding.protocol3, .protocol3Base64] {
            #expect(try encoding.packets(ByteBuffer(string: "2:4a"), isBinary: false) == packets)
            #expect(try encoding.packets(ByteBuffer(bytes: [0, 2, 255, 0x34, 0x61]), isBinary: true) == packets)
        }
        #expect(try PacketEncoding.protocol3JSONP(index: 0).packets(ByteBuffer(string: "d=2%3A4a"), isBinary: false) == packets)
    }
}
