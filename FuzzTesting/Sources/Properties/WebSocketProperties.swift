import NIOCore

@testable import EngineIO

private let maxPayload = 300

/// Messages keep their limits, nothing follows an end, and it does not matter how the network cuts the bytes.
func checkWebSocket(_ input: [UInt8]) throws {
    try check(input, inflater: nil)
    // With compression agreed on the same must hold, whatever a message expands to.
    try check(input, inflater: Inflater())
}

private func check(_ input: [UInt8], inflater: Inflater?) throws {
    let whole = actions([input[...]], inflater)
    let cut = actions(pieces(input), inflater)
    try require(whole == cut, "at one go: \(whole), in pieces: \(cut)")
    var hasEnded = false
    for action in whole {
        try require(!hasEnded || action == .nothing, "\(action) after the end")
        switch action {
        case .text(let text):
            try require(text.readableBytes <= maxPayload, "a text of \(text.readableBytes) bytes")
            try require(String(validating: text.readableBytesView, as: UTF8.self) != nil, "a text that is not UTF-8")
        case .binary(let bytes): try require(bytes.readableBytes <= maxPayload, "a message of \(bytes.readableBytes) bytes")
        case .pong(let payload): try require(payload.readableBytes <= 125, "a pong of \(payload.readableBytes) bytes")
        case .peerClosed(let code):
            hasEnded = true
            try require(code.map { (1000..<5000).contains($0) } ?? true, "close code \(code ?? 0)")
        case .fail(let code):
            hasEnded = true
            try require([1002, 1007, 1009].contains(code), "failed with \(code)")
        case .nothing: break
        }
    }
}

/// The first bytes one by one, for headers; the rest in pieces that match no boundary.
private func pieces(_ input: [UInt8]) -> [ArraySlice<UInt8>] {
    let byByte = min(input.count, 40)
    return input.indices[..<byByte].map { input[$0...$0] }
        + stride(from: byByte, to: input.count, by: 13).map { input[$0..<min($0 + 13, input.count)] }
}

/// What the assembler answers to the frames in `chunks`, up to the frame reader's first error.
private func actions(_ chunks: [ArraySlice<UInt8>], _ inflater: Inflater?) -> [MessageAssembler.Action] {
    var reader = FrameReader()
    var assembler = MessageAssembler()
    var actions: [MessageAssembler.Action] = []
    do throws(FrameReader.Violation) {
        for chunk in chunks {
            reader.received(ByteBuffer(bytes: chunk))
            while let frame = try reader.next(maxPayload: maxPayload) {
                actions.append(assembler.received(frame, maxPayload: maxPayload, inflater: inflater))
            }
        }
    } catch {
        return actions
    }
    return actions
}
