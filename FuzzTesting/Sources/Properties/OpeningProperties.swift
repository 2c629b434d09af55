import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import EngineIO

/// A request that opens a WebSocket is read whole and byte by byte alike, takes no more than its bound, and only what NIO's HTTP decoder takes
/// too and reads in the same way.
func checkOpening(_ input: [UInt8]) throws {
    var reader = OpeningRequestReader()
    let whole = reader.read(ByteBuffer(bytes: input))
    try checkInParts(input, whole)
    guard case .request(let head, let length) = whole else { return }
    let lastField = 2
    try require(length <= min(input.count, OpeningRequestReader.maximumLength + lastField), "a head of \(length) bytes in \(input.count)")
    let decoded = decodedHead(input.prefix(length))
    try require(head == decoded, "\(head), by the decoder: \(decoded.map(String.init(describing:)) ?? "nothing")")
}

private func checkInParts(_ input: [UInt8], _ whole: OpeningRequestReader.Outcome) throws {
    var reader = OpeningRequestReader()
    var part = ByteBuffer()
    var outcome = reader.read(part)
    for byte in input {
        guard case .incomplete = outcome else { break }
        part.writeInteger(byte)
        outcome = reader.read(part)
    }
    switch (outcome, whole) {
    case (.incomplete, .incomplete), (.other, .other): return
    case (.request(let head, let length), .request(let wholeHead, let wholeLength)):
        try require(head == wholeHead && length == wholeLength, "\(head), \(length) bytes, whole: \(wholeHead), \(wholeLength)")
        try require(part.readableBytes == length, "complete after \(part.readableBytes) bytes of \(length)")
    default: throw PropertyViolation(description: "\(outcome) in parts, whole: \(whole)")
    }
}

private func decodedHead(_ bytes: ArraySlice<UInt8>) -> HTTPRequestHead? {
    let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
    defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
    guard (try? channel.writeInbound(ByteBuffer(bytes: bytes))) != nil,
        case .head(let head)? = try? channel.readInbound(as: HTTPServerRequestPart.self)
    else { return nil }
    return head
}
