import NIOCore
import RESP

/// Small, so that short inputs reach them.
private let limits = {
    var limits = RESPLimits()
    limits.maximumBulkLength = 200
    limits.maximumLineLength = 100
    limits.maximumValueLength = 600
    limits.maximumElementCount = 40
    limits.maximumDepth = 5
    return limits
}()

/// The same values come out however the network cuts the bytes; they keep the limits, and mean the same when they are written and read again.
func checkRESP(_ input: [UInt8]) throws {
    let whole = try read([input[...]])
    let byByte = try read(input.indices.map { input[$0...$0] })
    try require(whole == byByte, "at one go: \(whole), byte by byte: \(byByte)")
    let cut = try read(pieces(input))
    try require(whole == cut, "at one go: \(whole), in pieces: \(cut)")
    for value in whole.values { try checkAgain(value) }
}

/// What comes of a stream. Values as they are written: `==` takes NaN for different from itself, and equivalent strings for the same.
private struct Outcome: Equatable {
    var values: [ByteBuffer] = []
    var error: RESPProtocolError?
    /// What was not taken, where there was no error.
    var rest = ByteBuffer()
    var isInsideValue = false
}

private func read(_ chunks: [ArraySlice<UInt8>]) throws -> Outcome {
    var parser = RESPParser(limits: limits)
    var buffer = ByteBuffer()
    var outcome = Outcome()
    for chunk in chunks {
        buffer.writeBytes(chunk)
        do throws(RESPProtocolError) {
            while let value = try parser.next(from: &buffer) { outcome.values.append(written(value)) }
        } catch {
            outcome.error = error
            return outcome
        }
        // A line or a string that is not whole: no more than that is ever waited for.
        let longest = max(limits.maximumLineLength + 2, limits.maximumBulkLength + "$200\r\n\r".utf8.count)
        try require(buffer.readableBytes <= longest, "\(buffer.readableBytes) bytes wait")
    }
    (outcome.rest, outcome.isInsideValue) = (buffer.slice(), parser.isInsideValue)
    return outcome
}

/// Pieces of 1 to 16 bytes, of which the input is the seed.
private func pieces(_ input: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = input[...]
    var seed = UInt64(input.count)
    while let first = rest.first {
        // Knuth's MMIX generator; its high bits are the random ones.
        seed = (seed &+ UInt64(first)) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        pieces.append(rest.prefix(1 + Int(seed >> 60)))
        rest = rest.dropFirst(1 + Int(seed >> 60))
    }
    return pieces
}

private func written(_ value: RESPValue) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeRESP(value)
    return buffer
}

/// What was written of a value reads as that value, which keeps the limits.
private func checkAgain(_ wire: ByteBuffer) throws {
    // With the limits of production: text that was repaired takes more bytes than it came in.
    var parser = RESPParser()
    var rest = wire
    let value = try require(try? parser.next(from: &rest), "our own value is refused: \(wire)")
    try require(rest.readableBytes == 0 && written(value) == wire, "\(wire) became \(value)")
    var count = 0
    try checkBounds(value, depth: 0, &count)
}

private func checkBounds(_ value: RESPValue, depth: Int, _ count: inout Int) throws {
    count += 1
    try require(count <= limits.maximumElementCount, "\(count) parts in one value")
    try require(depth <= limits.maximumDepth, "a value \(depth) deep")
    switch value {
    case .array(let elements), .set(let elements), .push(let elements):
        for element in elements { try checkBounds(element, depth: depth + 1, &count) }
    case .map(let pairs):
        for pair in pairs {
            try checkBounds(pair.key, depth: depth + 1, &count)
            try checkBounds(pair.value, depth: depth + 1, &count)
        }
    case .bulkString(let bytes), .verbatim(_, let bytes):
        try require(bytes.readableBytes <= limits.maximumBulkLength, "a string of \(bytes.readableBytes) bytes")
    default: break
    }
}
