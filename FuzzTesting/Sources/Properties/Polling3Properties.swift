import EngineIOCore
import NIOCore

/// The payloads of protocol 3: the first byte says how the rest is to be read, as text, as bytes, as a form, or as what a server sends in a
/// script.
func checkPolling3(_ input: [UInt8]) throws {
    let body = ByteBuffer(bytes: input.dropFirst())
    switch input.first {
    case UInt8(ascii: "t"):
        if let packets = try? Protocol3TextPayload.decode(body) { try checkPackets3(packets) }
    case UInt8(ascii: "b"):
        if let packets = try? Protocol3BinaryPayload.decode(body) { try checkPackets3(packets) }
    case UInt8(ascii: "d"):
        guard let payload = JSONP.payload(ofForm: body) else { return }
        try require(payload.readableBytes <= body.readableBytes, "a form grew")
        if let packets = try? Protocol3TextPayload.decode(payload) { try checkPackets3(packets) }
    case UInt8(ascii: "s"):
        try checkScript(body)
    default: break
    }
}

/// What decodes, encodes to bodies of both kinds that decode to the same packets.
private func checkPackets3(_ packets: [EnginePacket]) throws {
    try require(packets.count <= PollingPayload.maximumPackets, "\(packets.count) packets")
    guard !packets.isEmpty else { return }
    var text = ByteBuffer()
    var binary = ByteBuffer()
    for packet in packets {
        switch packet {
        case .open(let payload): append3("0", payload, &text, &binary)
        case .close: append3("1", ByteBuffer(), &text, &binary)
        case .ping(let payload): append3("2", payload, &text, &binary)
        case .pong(let payload): append3("3", payload, &text, &binary)
        case .text(let payload): append3("4", payload, &text, &binary)
        case .binary(let payload):
            Protocol3TextPayload.append(binary: payload, to: &text)
            Protocol3BinaryPayload.append(binary: payload, to: &binary)
        case .upgrade: append3("5", ByteBuffer(), &text, &binary)
        case .noop: append3("6", ByteBuffer(), &text, &binary)
        }
    }
    let fromText = try? Protocol3TextPayload.decode(text)
    try require(fromText == packets, "\(packets) became \(String(describing: fromText)) as text")
    let fromBinary = try? Protocol3BinaryPayload.decode(binary)
    try require(fromBinary == packets, "\(packets) became \(String(describing: fromBinary)) as bytes")
    try checkScript(text)
    // The one payload that a form cannot hold: what the reference client makes of a backslash before a line feed means another.
    guard text.readableBytesView.firstRange(of: "\\\n".utf8) == nil else { return }
    let form = try require(JSONP.payload(ofForm: asForm(text)), "the form has no payload")
    try require(form == text, "a form holds another payload")
}

private func append3(_ type: String, _ payload: ByteBuffer, _ text: inout ByteBuffer, _ binary: inout ByteBuffer) {
    var packet = ByteBuffer(string: type)
    packet.writeImmutableBuffer(payload)
    Protocol3TextPayload.append(text: packet, to: &text)
    Protocol3BinaryPayload.append(text: packet, to: &binary)
}

/// As the reference client: backslashes before an `n` are doubled, line feeds become `\n`; every byte is percent-encoded here.
private func asForm(_ payload: ByteBuffer) -> ByteBuffer {
    var escaped: [UInt8] = []
    let bytes = Array(payload.readableBytesView)
    for (index, byte) in bytes.enumerated() {
        if byte == UInt8(ascii: "\n") {
            escaped += "\\n".utf8
        } else {
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "n") { escaped.append(byte) }
            escaped.append(byte)
        }
    }
    return ByteBuffer(string: "d=" + escaped.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
}

/// The script is one call with one string literal, and the literal means the payload.
private func checkScript(_ payload: ByteBuffer) throws {
    let script = Array(JSONP.script(index: 7, payload: payload).readableBytesView)
    let head = Array("___eio[7](\"".utf8)
    let foot = Array("\");".utf8)
    try require(script.starts(with: head) && script.suffix(foot.count) == foot[...], "no call")
    var literal = script[head.count..<script.count - foot.count]
    var meant: [UInt8] = []
    while let byte = literal.popFirst() {
        try require(byte >= 0x20 && byte != UInt8(ascii: "\""), "byte \(byte) ends the literal")
        // U+2028 and U+2029.
        let endsLine = byte == 0xE2 && literal.first == 0x80 && literal.dropFirst().first.map { $0 & 0xFE == 0xA8 } == true
        try require(!endsLine, "a separator ends the literal")
        guard byte == UInt8(ascii: "\\") else {
            meant.append(byte)
            continue
        }
        switch try require(literal.popFirst(), "a backslash escapes the end") {
        case UInt8(ascii: "\""): meant.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): meant.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "b"): meant.append(0x08)
        case UInt8(ascii: "t"): meant.append(0x09)
        case UInt8(ascii: "n"): meant.append(0x0A)
        case UInt8(ascii: "f"): meant.append(0x0C)
        case UInt8(ascii: "r"): meant.append(0x0D)
        case UInt8(ascii: "u"):
            let digits = String(decoding: literal.prefix(4), as: UTF8.self)
            literal = literal.dropFirst(4)
            let scalar = try require(UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init), "\\u\(digits)")
            meant += String(Character(scalar)).utf8
        case let other: throw PropertyViolation(description: "an escaped \(other)")
        }
    }
    try require(meant == Array(payload.readableBytesView), "the literal means something else")
}
