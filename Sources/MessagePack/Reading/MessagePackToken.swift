/// One step of a ``MessagePackReader``: a whole scalar, or the head of a container whose elements follow.
///
/// Ranges are bytes from the start of what was read; nothing is copied.
public enum MessagePackToken: Hashable, Sendable {
    /// Nothing.
    case `nil`
    /// A truth value.
    case bool(Bool)
    /// An integer, in whichever of the signed and unsigned formats it was written, that fits 64 bits with a sign.
    case integer(Int64)
    /// An integer above `Int64.max`.
    case unsigned(UInt64)
    /// A number of 32 bits (IEEE 754).
    case float(Float)
    /// A number of 64 bits (IEEE 754).
    case double(Double)
    /// The bytes of a string. They should be UTF-8, but nothing has looked at them.
    case string(Range<Int>)
    /// The bytes of binary data.
    case binary(Range<Int>)
    /// So many values follow.
    case array(count: Int)
    /// So many pairs of a key and a value follow.
    case map(count: Int)
    /// A value of an extension type: a timestamp, or one of the application's.
    case `extension`(MessagePackExtension)
}
