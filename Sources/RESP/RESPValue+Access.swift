public import NIOCore

/// What a caller expects a value to be; `nil` where it is something else.
extension RESPValue {
    /// Whether there is no value.
    public var isNull: Bool { self == .null }

    /// The text of a string; bytes that are not UTF-8 are repaired.
    public var string: String? {
        switch self {
        case .simpleString(let text), .bigNumber(let text): text
        case .bulkString(let buffer), .verbatim(_, let buffer): String(buffer: buffer)
        default: nil
        }
    }

    /// The bytes of a string.
    public var buffer: ByteBuffer? {
        switch self {
        case .bulkString(let buffer), .verbatim(_, let buffer): buffer
        case .simpleString(let text): ByteBuffer(string: text)
        default: nil
        }
    }

    /// A whole number, also where it is written as a string, or where version 3 says yes or no.
    public var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .boolean(let boolean): boolean ? 1 : 0
        default: string.flatMap(Int64.init)
        }
    }

    /// A number, also where it is written as a string, as version 2 does.
    public var double: Double? {
        switch self {
        case .double(let double): double
        case .integer(let integer): Double(integer)
        default: string.flatMap(Double.init)
        }
    }

    /// The elements of an array, a set or a push.
    public var array: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements): elements
        default: nil
        }
    }

    /// The pairs of a map, also where it is a flat array, as version 2 writes it.
    public var pairs: [RESPPair]? {
        switch self {
        case .map(let pairs): pairs
        case .array(let elements) where elements.count.isMultiple(of: 2):
            stride(from: 0, to: elements.count, by: 2).map { RESPPair(elements[$0], elements[$0 + 1]) }
        default: nil
        }
    }

    /// The error that stands here.
    public var error: RESPError? {
        if case .error(let error) = self { error } else { nil }
    }

    /// The value of the first pair with this key.
    public subscript(key: String) -> RESPValue? {
        pairs?.first { $0.key.string == key }?.value
    }
}
