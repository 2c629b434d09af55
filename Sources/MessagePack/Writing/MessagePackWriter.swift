/// Appends values in their shortest formats, as the specification recommends and notepack.io and the `msgpack` package of Python do.
///
/// Arrays and maps are written as a head and then so many values: nothing checks that they follow.
public struct MessagePackWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing written yet.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    // MARK: Scalars

    /// Appends nil.
    public mutating func writeNil() { bytes.append(0xC0) }

    /// Appends `undefined` as notepack.io writes it. Others see an extension of type 0.
    public mutating func writeUndefined() { bytes.append(contentsOf: [0xD4, 0x00, 0x00]) }

    /// Appends a boolean.
    public mutating func write(_ value: Bool) { bytes.append(value ? 0xC3 : 0xC2) }

    /// Appends an integer.
    public mutating func write(_ value: Int) { write(Int64(value)) }

    /// Appends an integer.
    public mutating func write(_ value: Int64) {
        switch value {
        case 0...: write(UInt64(value))
        case -0x20..<0: bytes.append(UInt8(bitPattern: Int8(value)))
        case -0x80 ..< -0x20: append(0xD0, UInt8(bitPattern: Int8(value)))
        case -0x8000 ..< -0x80: append(0xD1, UInt16(bitPattern: Int16(value)))
        case -0x8000_0000 ..< -0x8000: append(0xD2, UInt32(bitPattern: Int32(value)))
        default: append(0xD3, UInt64(bitPattern: value))
        }
    }

    /// Appends an integer.
    public mutating func write(_ value: UInt64) {
        switch value {
        case 0..<0x80: bytes.append(UInt8(value))
        case 0..<0x100: append(0xCC, UInt8(value))
        case 0..<0x1_0000: append(0xCD, UInt16(value))
        case 0..<0x1_0000_0000: append(0xCE, UInt32(value))
        default: append(0xCF, value)
        }
    }

    /// Appends a float of 64 bits, integers included.
    public mutating func write(_ value: Double) { append(0xCB, value.bitPattern) }

    /// Appends a float of 32 bits.
    public mutating func write(_ value: Float) { append(0xCA, value.bitPattern) }

    /// Appends a point in time, as the extension of type -1 in its shortest form.
    public mutating func write(_ value: MessagePackTimestamp) {
        if let seconds = UInt32(exactly: value.seconds), value.nanoseconds == 0 {
            append(0xD6, UInt8(bitPattern: MessagePackTimestamp.type))
            append(seconds)
        } else if (0..<(1 << 34)).contains(value.seconds) {
            append(0xD7, UInt8(bitPattern: MessagePackTimestamp.type))
            append(UInt64(value.nanoseconds) << 34 | UInt64(value.seconds))
        } else {
            append(0xC7, UInt8(12))
            append(UInt8(bitPattern: MessagePackTimestamp.type))
            append(value.nanoseconds)
            append(UInt64(bitPattern: value.seconds))
        }
    }

    // MARK: Data

    /// Appends a string.
    public mutating func write(_ value: some StringProtocol) { writeString(utf8: value.utf8) }

    /// Appends a string by its bytes, which should be UTF-8.
    public mutating func writeString(utf8: some Collection<UInt8>) {
        let count = utf8.count
        switch count {
        case 0..<0x20: bytes.append(0xA0 | UInt8(count))
        case 0..<0x100: append(0xD9, UInt8(count))
        case 0..<0x1_0000: append(0xDA, UInt16(count))
        default: append(0xDB, Self.length(count))
        }
        bytes.append(contentsOf: utf8)
    }

    /// Appends binary data.
    public mutating func writeBinary(_ data: some Collection<UInt8>) {
        let count = data.count
        switch count {
        case 0..<0x100: append(0xC4, UInt8(count))
        case 0..<0x1_0000: append(0xC5, UInt16(count))
        default: append(0xC6, Self.length(count))
        }
        bytes.append(contentsOf: data)
    }

    /// Appends an extension value, in a `fixext` format where its length permits.
    public mutating func writeExtension(type: Int8, _ data: some Collection<UInt8>) {
        let count = data.count
        switch count {
        case 1: bytes.append(0xD4)
        case 2: bytes.append(0xD5)
        case 4: bytes.append(0xD6)
        case 8: bytes.append(0xD7)
        case 16: bytes.append(0xD8)
        case 0..<0x100: append(0xC7, UInt8(count))
        case 0..<0x1_0000: append(0xC8, UInt16(count))
        default: append(0xC9, Self.length(count))
        }
        append(UInt8(bitPattern: type))
        bytes.append(contentsOf: data)
    }

    /// Appends whole values that are MessagePack already, such as ``MessagePackValue/raw``.
    public mutating func writeRaw(_ values: some Collection<UInt8>) { bytes.append(contentsOf: values) }

    // MARK: Containers

    /// Appends the head of an array: `count` values are to follow.
    public mutating func writeArrayHeader(count: Int) {
        switch count {
        case 0..<0x10: bytes.append(0x90 | UInt8(count))
        case 0..<0x1_0000: append(0xDC, UInt16(count))
        default: append(0xDD, Self.length(count))
        }
    }

    /// Appends the head of a map: `count` pairs of a key and a value are to follow.
    public mutating func writeMapHeader(count: Int) {
        switch count {
        case 0..<0x10: bytes.append(0x80 | UInt8(count))
        case 0..<0x1_0000: append(0xDE, UInt16(count))
        default: append(0xDF, Self.length(count))
        }
    }

    /// Lengths and counts have 32 bits: more in one value is an error of the program.
    private static func length(_ count: Int) -> UInt32 {
        guard let length = UInt32(exactly: count) else { preconditionFailure("\(count) is too long for MessagePack") }
        return length
    }

    private mutating func append(_ format: UInt8, _ value: some FixedWidthInteger & UnsignedInteger) {
        bytes.append(format)
        append(value)
    }

    private mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift))) }
    }
}
