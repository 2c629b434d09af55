package import EngineIOCore
package import NIOCore

package extension EnginePacket {
    /// One to eight messages for a payload, bytes or text: `text` several times, or not at all.
    static func randomMessages(of text: String, using generator: inout SeededGenerator) -> [EnginePacket] {
        (0..<Int.random(in: 1...8, using: &generator)).map { _ in
            if Bool.random(using: &generator) {
                let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                return .binary(ByteBuffer(bytes: bytes))
            }
            return .text(ByteBuffer(string: String(repeating: text, count: Int.random(in: 0...5, using: &generator))))
        }
    }

    /// Writes a message as its payload has it: `writeText` gets the text behind the type.
    func append(
        to body: inout ByteBuffer,
        text writeText: (ByteBuffer, inout ByteBuffer) -> Void,
        binary writeBinary: (ByteBuffer, inout ByteBuffer) -> Void
    ) {
        switch self {
        case .text(let content):
            var packet = ByteBuffer(string: "4")
            packet.writeImmutableBuffer(content)
            writeText(packet, &body)
        case .binary(let bytes): writeBinary(bytes, &body)
        default: preconditionFailure("a message is text or bytes")
        }
    }
}
