import EngineIOCore
import NIOCore

/// What decodes, encodes to a body that decodes to the same packets.
func checkPolling(_ input: [UInt8]) throws {
    guard let packets = try? PollingPayload.decode(ByteBuffer(bytes: input)) else { return }
    try require((1...PollingPayload.maximumPackets).contains(packets.count), "\(packets.count) packets")
    var body = ByteBuffer()
    for packet in packets {
        switch packet {
        case .open(let payload): append("0", payload, to: &body)
        case .close: append("1", to: &body)
        case .ping(let payload): append("2", payload, to: &body)
        case .pong(let payload): append("3", payload, to: &body)
        case .text(let payload): append("4", payload, to: &body)
        case .binary(let payload): PollingPayload.append(binary: payload, to: &body)
        case .upgrade: append("5", to: &body)
        case .noop: append("6", to: &body)
        }
    }
    let again = try? PollingPayload.decode(body)
    try require(again == packets, "\(packets) became \(String(describing: again))")
}

private func append(_ type: String, _ payload: ByteBuffer = ByteBuffer(), to body: inout ByteBuffer) {
    var text = ByteBuffer(string: type)
    text.writeImmutableBuffer(payload)
    PollingPayload.append(text: text, to: &body)
}
