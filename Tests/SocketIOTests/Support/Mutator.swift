import EngineIOCore
import NIOCore
import SocketIOCore
import TestSupport

/// Makes valid Socket.IO sessions and breaks them: messages lost, repeated, swapped, of the other kind, with bytes changed.
struct Mutator {
    private enum Message {
        case text([UInt8])
        case binary([UInt8])
    }

    private var generator: SeededGenerator
    private let parser: SocketIOParser

    init(seed: UInt64, parser: SocketIOParser) {
        generator = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15)
        self.parser = parser
    }

    /// A whole WebSocket session: the upgrade, and what the client sends after it.
    mutating func webSocketSession() -> ByteBuffer {
        var bytes = ByteBuffer(
            string: """
                GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r
                Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """
        )
        let start = bytes.writerIndex
        for message in mutated(session()) {
            switch message {
            case .text(let payload): bytes.writeImmutableBuffer(clientFrame(1, ByteBuffer(bytes: payload)))
            case .binary(let payload): bytes.writeImmutableBuffer(clientFrame(2, ByteBuffer(bytes: payload)))
            }
        }
        bytes.writeImmutableBuffer(clientFrame(8, ByteBuffer(bytes: [0x03, 0xE8])))
        // Now and then the frames themselves are wrong.
        if chance(5) {
            for _ in 0..<int(1...3) {
                bytes.setInteger(UInt8.random(in: 0...255, using: &generator), at: int(start...(bytes.writerIndex - 1)))
            }
        }
        return bytes
    }

    /// The same as the body of one POST.
    mutating func pollingBody() -> String {
        var body = ByteBuffer()
        for message in mutated(session()) {
            switch message {
            case .text(let payload): PollingPayload.append(text: ByteBuffer(bytes: payload), to: &body)
            case .binary(let payload): PollingPayload.append(binary: ByteBuffer(bytes: payload), to: &body)
            }
        }
        return String(buffer: body)
    }

    // MARK: Sessions

    private mutating func session() -> [Message] {
        let namespace = chance(4) ? ["/other", "/dynamic-\(int(0...9))", "/nope", "/other?a=b"][int(0...3)] : "/"
        let prefix = namespace == "/" ? "" : namespace + ","
        let packets: [(text: String, attachments: [[UInt8]])] = [
            ("40\(prefix){\"token\":\"x\",\"refused\":\(chance(10))}", []),
            ("42\(prefix)[\"echo\",{\"price\":\"105433.60000\",\"n\":[1,-2.5e3,null,true,\"é😀\\u0041\"]}]", []),
            ("42\(prefix)\(int(0...99))[\"echo\",\(int(0...9)),\"two\"]", []),
            ("452-\(prefix)7[\"echo\",{\"_placeholder\":true,\"num\":0},{\"b\":{\"_placeholder\":true,\"num\":1}}]", [[0, 255, 7], []]),
            ("42\(prefix)[\"join\",\"room-\(int(0...5))\"]", []),
            ("42\(prefix)[\"ask\"]", []),
            ("43\(prefix)0[{\"ok\":true}]", []),
            ("42\(prefix)[\"unheard\",[[[[{}]]]]]", []),
            ("42\(prefix)[\"bye\"]", []),
            ("41\(prefix)", []),
        ]
        let chosen = [packets[0]] + (0..<int(2...8)).map { _ in packets[int(1...(packets.count - 1))] }
        var messages: [Message] = []
        for (text, attachments) in chosen {
            let buffers = attachments.map { ByteBuffer(bytes: $0) }
            if parser == .msgpack, let packed = SocketPacket.messagePack(text: ByteBuffer(string: text), attachments: buffers) {
                messages.append(.binary(Array(packed.readableBytesView)))
            } else {
                messages.append(.text(Array(text.utf8)))
                messages += attachments.map { .binary($0) }
            }
            if chance(6) { messages.append(.text(Array("3".utf8))) }
        }
        return messages
    }

    private mutating func mutated(_ messages: [Message]) -> [Message] {
        var messages = messages
        for _ in 0..<int(1...3) {
            let index = int(0...(messages.count - 1))
            switch int(0...9) {
            case 0 where messages.count > 1: messages.remove(at: index)
            case 1: messages.insert(messages[index], at: index)
            case 2: messages.swapAt(index, int(0...(messages.count - 1)))
            case 3:
                switch messages[index] {
                case .text(let bytes): messages[index] = .binary(bytes)
                case .binary(let bytes): messages[index] = .text(bytes)
                }
            default:
                switch messages[index] {
                case .text(let bytes): messages[index] = .text(changed(bytes))
                case .binary(let bytes): messages[index] = .binary(changed(bytes))
                }
            }
        }
        return messages
    }

    private mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [UInt8.random(in: 0...255, using: &generator)] }
        var bytes = bytes
        let index = int(0...(bytes.count - 1))
        switch int(0...5) {
        case 0: bytes[index] ^= 1 << UInt8(int(0...7))
        case 1: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        case 3: bytes.removeSubrange(index..<min(bytes.count, index + int(1...8)))
        case 4: bytes.insert(contentsOf: Array(repeating: Array("[{\"0-,/".utf8)[int(0...6)], count: int(1...2_000)), at: index)
        default: bytes.removeLast(bytes.count - index)
        }
        return bytes
    }

    private mutating func int(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    private mutating func chance(_ one: Int) -> Bool { int(1...one) == 1 }
}
