import EngineIO
import MessagePack
import NIOCore
import SocketIOCore
import Testing

@testable import SocketIO

@Suite("Frames for the parser msgpack")
struct EncodedFrameTests {
    private struct Price: ConflatableMessage {
        var value: Int
        var first: Int?
        var key: ConflationKey { ConflationKey(group: "price:BTC") }
        var byteCount: Int { 20 }

        func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
            Price(value: value, first: (earlier as? Price).map { $0.first ?? $0.value })
        }

        func makeFrame() -> OutboundFrame { OutboundFrame(text: #"42["price",\#(value),\#(first ?? value)]"#) }
    }

    private func json(_ frame: OutboundFrame) throws -> String {
        #expect(frame.textPacket.readableBytes == 0)
        let message = try #require(frame.binaryPayloads.first)
        return String(decoding: try MessagePackValue(Array(message.readableBytesView)).json(), as: UTF8.self)
    }

    @Test func aFrameIsEncodedOnceAndNotAgain() throws {
        let frame = OutboundFrame(text: #"42["a",1]"#)
        #expect(frame.encoded(for: .json) === frame)
        let encoded = frame.encoded(for: .msgpack)
        #expect(try json(encoded) == #"{"type":2,"data":["a",1],"nsp":"/"}"#)
        #expect(frame.encoded(for: .msgpack) === encoded)
        #expect(encoded.encoded(for: .msgpack) === encoded)
    }

    @Test func whatIsNoPacketIsLeftAsItIs() {
        let frame = OutboundFrame(text: "4?")
        #expect(frame.encoded(for: .msgpack) === frame)
    }

    @Test func aLatestValueStaysOneAndSoDoItsMergedFrames() throws {
        func frame(_ value: Int) -> OutboundFrame {
            let price = Price(value: value)
            return OutboundFrame(capacity: 20, conflation: price) { $0.writeImmutableBuffer(price.makeFrame().textPacket) }
        }
        let older = try #require(frame(1).encoded(for: .msgpack).conflation)
        let newer = try #require(frame(2).encoded(for: .msgpack).conflation)
        #expect(newer.key == ConflationKey(group: "price:BTC"))
        #expect(newer.byteCount == 20)
        #expect(try json(newer.replacing(older).makeFrame()) == #"{"type":2,"data":["price",2,1],"nsp":"/"}"#)
    }
}
