/// What kind of JSON value a slice holds.
public enum JSONKind: Sendable, Hashable {
    /// `{…}`.
    case object
    /// `[…]`.
    case array
    /// A string, with its quotation marks.
    case string
    /// A number.
    case number
    /// `true`.
    case `true`
    /// `false`.
    case `false`
    /// `null`.
    case null
}

/// A place in a JSON text that holds exactly one value.
public struct JSONSlice: Sendable, Hashable {
    /// Byte offsets from the start of the scanned text, without surrounding white space.
    public var range: Range<Int>
    /// The kind of the value.
    public var kind: JSONKind

    /// A value of `kind` at `range`.
    public init(range: Range<Int>, kind: JSONKind) {
        self.range = range
        self.kind = kind
    }
}

/// A place in a JSON text that holds the key of a member.
public struct JSONKey: Sendable, Hashable {
    /// Byte offsets from the start of the scanned text, quotes included.
    public var range: Range<Int>
    /// Whether it is written without escapes, so that its bytes are its text.
    public var isPlain: Bool
}

/// Why a text is not JSON, or not JSON that is accepted here.
public struct JSONScanError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Kind: String, Sendable {
        /// A byte that cannot stand where it stands.
        case unexpectedByte = "unexpected byte"
        /// The text stops inside a value.
        case unexpectedEnd = "unexpected end"
        /// More than ``JSONScanner/maximumDepth`` levels.
        case tooDeep = "nested too deeply"
        /// More than ``JSONObject/maximumMembers`` members of one object.
        case tooManyMembers = "too many members of an object"
    }

    /// What is wrong.
    public let kind: Kind
    /// Where, in bytes from the start of the text.
    public let offset: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// `unexpected byte at offset 12`
    public var description: String { "\(kind.rawValue) at offset \(offset)" }
}
