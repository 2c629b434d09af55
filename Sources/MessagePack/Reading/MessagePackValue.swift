/// One value inside a message that has been checked as a whole: shares the message's bytes, and decodes when asked.
public struct MessagePackValue: Sendable {
    /// The whole message.
    public let message: [UInt8]
    /// Where this value lies in ``message``.
    public let range: Range<Int>

    /// Checks `message`, which must be one value and nothing else.
    ///
    /// - Parameters:
    ///   - message: The bytes; they are kept.
    ///   - maximumBytes: A longer message is refused unread.
    ///   - maximumDepth: As many levels of arrays and maps are accepted.
    /// - Throws: ``MessagePackError``.
    public init(
        _ message: [UInt8],
        maximumBytes: Int = .max,
        maximumDepth: Int = MessagePackReader.maximumDepth
    ) throws(MessagePackError) {
        guard message.count <= maximumBytes else { throw MessagePackError(.tooLong, at: maximumBytes) }
        var reader = MessagePackReader(message.span)
        let range = try reader.skip(maximumDepth: maximumDepth)
        guard reader.isAtEnd else { throw MessagePackError(.trailingBytes, at: reader.position) }
        self.init(message: message, range: range)
    }

    private init(message: [UInt8], range: Range<Int>) {
        self.message = message
        self.range = range
    }

    /// The value's scalar or head.
    public var token: MessagePackToken {
        var reader = MessagePackReader(message.span, at: range.lowerBound)
        // Checked when the message was taken in: this never fails.
        return (try? reader.next()) ?? .nil
    }

    /// The value as it was written, to be put into another message.
    public var raw: ArraySlice<UInt8> { message[range] }

    // MARK: Scalars

    /// Whether it is nil, or `undefined` as notepack.io writes it.
    public var isNil: Bool {
        switch token {
        case .nil: true
        case .extension(let value): value.isUndefined
        default: false
        }
    }

    /// The boolean.
    public var bool: Bool? { if case .bool(let value) = token { value } else { nil } }

    /// The integer, also where it was written as a float of that very value, as msgpack-lite writes large ones.
    public var integer: Int64? {
        switch token {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        case .float(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The integer where it is not negative.
    public var unsigned: UInt64? {
        if case .unsigned(let value) = token { value } else { integer.flatMap { UInt64(exactly: $0) } }
    }

    /// The number; integers of more than 53 bits are rounded.
    public var double: Double? {
        switch token {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The string; what is not UTF-8 in it becomes U+FFFD.
    public var string: String? {
        if case .string(let range) = token { String(decoding: message[range], as: UTF8.self) } else { nil }
    }

    /// The binary data: `bin`, or an `ArrayBuffer` of notepack.io.
    public var binary: ArraySlice<UInt8>? {
        switch token {
        case .binary(let range): message[range]
        case .extension(let value) where value.isArrayBuffer: message[value.data]
        default: nil
        }
    }

    /// The extension; its data is `message[extension.data]`.
    public var `extension`: MessagePackExtension? { if case .extension(let value) = token { value } else { nil } }

    /// The point in time: the specification's timestamp, or a `Date` of notepack.io 2.
    public var timestamp: MessagePackTimestamp? { self.extension.flatMap { $0.timestamp(in: message.span) } }

    // MARK: Containers

    /// How many elements or members; 0 for a scalar.
    public var count: Int {
        switch token {
        case .array(let count), .map(let count): count
        default: 0
        }
    }

    /// The elements of the array; `nil` for anything else. One walk over the array.
    public var elements: [MessagePackValue]? {
        guard case .array(let count) = token else { return nil }
        return values(count)
    }

    /// The members of the map in their order, repeated keys included; `nil` for anything else. One walk over the map.
    public var members: [(key: MessagePackValue, value: MessagePackValue)]? {
        guard case .map(let count) = token else { return nil }
        let values = values(2 * count)
        return (0..<count).map { (values[2 * $0], values[2 * $0 + 1]) }
    }

    /// The element at `index`; `nil` where there is none. A walk over the elements before it.
    public subscript(index: Int) -> MessagePackValue? {
        guard case .array(let count) = token, (0..<count).contains(index) else { return nil }
        var reader = MessagePackReader(message.span, at: range.lowerBound)
        _ = try? reader.next()
        for _ in 0..<index { _ = try? reader.skip(maximumDepth: .max) }
        return (try? reader.skip(maximumDepth: .max)).map { MessagePackValue(message: message, range: $0) }
    }

    /// The value of the string key `key`; the last one counts where a key is repeated, as in JavaScript. A walk over the map.
    public subscript(key: String) -> MessagePackValue? {
        guard case .map(let count) = token else { return nil }
        var found: Range<Int>?
        var reader = MessagePackReader(message.span, at: range.lowerBound)
        _ = try? reader.next()
        for _ in 0..<count {
            let start = reader.position
            var isIt = false
            if case .string(let range)? = try? reader.next() {
                isIt = message[range].elementsEqual(key.utf8)
            } else {
                reader = MessagePackReader(message.span, at: start)
                _ = try? reader.skip(maximumDepth: .max)
            }
            let value = try? reader.skip(maximumDepth: .max)
            if isIt { found = value }
        }
        return found.map { MessagePackValue(message: message, range: $0) }
    }

    private func values(_ count: Int) -> [MessagePackValue] {
        var reader = MessagePackReader(message.span, at: range.lowerBound)
        _ = try? reader.next()
        return (0..<count).compactMap { _ in
            (try? reader.skip(maximumDepth: .max)).map { MessagePackValue(message: message, range: $0) }
        }
    }
}
