/// Walks over MessagePack without building values (<https://github.com/msgpack/msgpack/blob/master/spec.md>).
///
/// Every format of the specification is read, in its shortest form or not. Nothing is allocated: a length or a count is believed only as
/// far as there are bytes for it. Several values may stand one after the other.
public struct MessagePackReader: ~Escapable {
    /// The deepest nesting that is accepted unless told otherwise, in levels.
    public static var maximumDepth: Int { 64 }

    let bytes: Span<UInt8>
    /// The offset of the next byte to look at. After an error it is somewhere inside the value.
    public private(set) var position: Int

    /// A reader at `position` of `bytes`, which must be within them.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, at position: Int = 0) {
        precondition((0...bytes.count).contains(position), "a reader begins within its bytes")
        self.bytes = bytes
        self.position = position
    }

    /// Whether all bytes have been read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Reads one scalar, or the head of one array or map.
    ///
    /// - Throws: ``MessagePackError`` of kind `unexpectedEnd` or `unusedFormat`.
    public mutating func next() throws(MessagePackError) -> MessagePackToken {
        let format = UInt8(truncatingIfNeeded: try integer(1))
        switch format {
        case 0x00...0x7F: return .integer(Int64(format))
        case 0x80...0x8F: return .map(count: try elements(UInt64(format & 0x0F), of: 2))
        case 0x90...0x9F: return .array(count: try elements(UInt64(format & 0x0F), of: 1))
        case 0xA0...0xBF: return .string(try data(UInt64(format & 0x1F)))
        case 0xC0: return .nil
        case 0xC1: throw MessagePackError(.unusedFormat, at: position - 1)
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4...0xC6: return .binary(try data(try integer(1 << (format - 0xC4))))
        case 0xC7...0xC9: return try `extension`(try integer(1 << (format - 0xC7)), isFixed: false)
        case 0xCA: return .float(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(4))))
        case 0xCB: return .double(Double(bitPattern: try integer(8)))
        case 0xCC...0xCF:
            let value = try integer(1 << (format - 0xCC))
            return Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
        case 0xD0: return .integer(Int64(Int8(truncatingIfNeeded: try integer(1))))
        case 0xD1: return .integer(Int64(Int16(truncatingIfNeeded: try integer(2))))
        case 0xD2: return .integer(Int64(Int32(truncatingIfNeeded: try integer(4))))
        case 0xD3: return .integer(Int64(bitPattern: try integer(8)))
        case 0xD4...0xD8: return try `extension`(1 << UInt64(format - 0xD4), isFixed: true)
        case 0xD9...0xDB: return .string(try data(try integer(1 << (format - 0xD9))))
        case 0xDC, 0xDD: return .array(count: try elements(try integer(2 << (format - 0xDC)), of: 1))
        case 0xDE, 0xDF: return .map(count: try elements(try integer(2 << (format - 0xDE)), of: 2))
        default: return .integer(Int64(Int8(bitPattern: format)))
        }
    }

    /// Reads past one whole value and returns where it lies.
    ///
    /// - Parameter maximumDepth: As many levels of arrays and maps are followed. A scalar has none.
    /// - Throws: ``MessagePackError``.
    @discardableResult
    public mutating func skip(maximumDepth: Int = MessagePackReader.maximumDepth) throws(MessagePackError) -> Range<Int> {
        let start = position
        let values: Int
        switch try next() {
        case .array(let count): values = count
        case .map(let count): values = 2 * count
        default: return start..<position
        }
        guard maximumDepth > 0 else { throw MessagePackError(.tooDeep, at: start) }
        for _ in 0..<values { try skip(maximumDepth: maximumDepth - 1) }
        return start..<position
    }

    /// The bytes at `range` as text; what is not UTF-8 becomes U+FFFD, as in the reference implementation.
    public func text(_ range: Range<Int>) -> String {
        bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// A big-endian number of `count` bytes.
    private mutating func integer(_ count: Int) throws(MessagePackError) -> UInt64 {
        guard bytes.count - position >= count else { throw MessagePackError(.unexpectedEnd, at: bytes.count) }
        var value: UInt64 = 0
        for offset in 0..<count { value = value << 8 | UInt64(bytes[position + offset]) }
        position += count
        return value
    }

    private mutating func data(_ length: UInt64) throws(MessagePackError) -> Range<Int> {
        guard length <= UInt64(bytes.count - position) else { throw MessagePackError(.unexpectedEnd, at: bytes.count) }
        let start = position
        position += Int(length)
        return start..<position
    }

    private mutating func `extension`(_ length: UInt64, isFixed: Bool) throws(MessagePackError) -> MessagePackToken {
        let type = Int8(truncatingIfNeeded: try integer(1))
        return .extension(MessagePackExtension(type: type, data: try data(length), isFixed: isFixed))
    }

    /// A value takes a byte at least: a count that the rest of the bytes cannot hold is refused before anyone allocates for it.
    private func elements(_ count: UInt64, of values: UInt64) throws(MessagePackError) -> Int {
        guard count * values <= UInt64(bytes.count - position) else { throw MessagePackError(.unexpectedEnd, at: bytes.count) }
        return Int(count)
    }
}
