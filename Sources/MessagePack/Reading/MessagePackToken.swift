/// One step of a ``MessagePackReader``: a whole scalar, or the head of a container whose elements follow.
///
/// Ranges are bytes from the start of what was read; nothing is copied.
public enum MessagePackToken: Hashable, Sendable {
    case `nil`
    case bool(Bool)
    /// An integer, in whichever of the signed and unsigned formats it was written, that fits 64 bits with a sign.
    case integer(Int64)
    /// An integer above `Int64.max`.
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    /// The bytes of a string. They should be UTF-8, but nothing has looked at them.
    case string(Range<Int>)
    case binary(Range<Int>)
    /// So many values follow.
    case array(count: Int)
    /// So many pairs of a key and a value follow.
    case map(count: Int)
    case `extension`(MessagePackExtension)
}
