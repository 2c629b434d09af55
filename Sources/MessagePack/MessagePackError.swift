/// Why bytes are not MessagePack, or not MessagePack that is accepted here.
public struct MessagePackError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: String, Sendable {
        /// The bytes stop inside a value, or a length or count promises more than there is.
        case unexpectedEnd = "unexpected end"
        /// The byte `c1`, which the specification never uses.
        case unusedFormat = "a format that is never used"
        /// More levels of arrays and maps than the limit.
        case tooDeep = "nested too deeply"
        /// More bytes than the limit.
        case tooLong = "too long"
        /// Bytes after the value.
        case trailingBytes = "bytes after the value"
        /// A value that JSON has no equal for.
        case notInJSON = "not representable in JSON"
        /// A JSON number whose value MessagePack cannot hold.
        case numberNotKept = "a number that is not kept"
        /// The text to convert is not JSON.
        case malformedJSON = "malformed JSON"
    }

    /// What is wrong.
    public let kind: Kind
    /// Where, in bytes from the start of what was read.
    public let offset: Int

    /// A failure of `kind` at `offset`. Public for hooks of the conversions, which fail with the same type.
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// `unexpected end at offset 12`
    public var description: String { "\(kind.rawValue) at offset \(offset)" }
}
