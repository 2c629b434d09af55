/// The id of an entry of a source that every server of a cluster reads whole and in the same order: of a Redis stream, for example, the
/// millisecond an entry was added in, and its number within that.
///
/// What it says is the same on every server, which a position in one server's ``RecoveryLog`` is not.
public struct SourceID: Hashable, Comparable, Sendable {
    /// When the entry was added, in milliseconds since 1970.
    public var milliseconds: UInt64
    /// Its number within the millisecond.
    public var number: UInt64

    /// Before every entry.
    public static let zero = SourceID(milliseconds: 0, number: 0)

    /// An entry's id.
    public init(milliseconds: UInt64, number: UInt64) {
        self.milliseconds = milliseconds
        self.number = number
    }

    /// By time, then by number.
    public static func < (left: Self, right: Self) -> Bool {
        (left.milliseconds, left.number) < (right.milliseconds, right.number)
    }

    /// In base 36: `mi4gzqk2-3`, without the number where that is 0, and nothing before every entry. Needs no escapes in JSON.
    var text: String {
        if self == .zero { return "" }
        let time = String(milliseconds, radix: 36)
        return number == 0 ? time : "\(time)-\(String(number, radix: 36))"
    }

    /// Reads what ``text`` wrote.
    init?(_ text: some StringProtocol) {
        guard !text.isEmpty else {
            self = .zero
            return
        }
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let milliseconds = UInt64(parts[0], radix: 36), let number = parts.count == 1 ? 0 : UInt64(parts[1], radix: 36) else {
            return nil
        }
        self.init(milliseconds: milliseconds, number: number)
        // `UInt64.init` takes a sign and capitals too; only what `text` writes is ours.
        guard self.text == text else { return nil }
    }
}

/// One entry of one of several sources.
public struct SourcePlace: Hashable, Sendable {
    /// Which source, counted from 0; the same on every server.
    public let source: Int
    /// Which entry.
    public let id: SourceID

    /// An entry of a source.
    public init(source: Int, id: SourceID) {
        self.source = source
        self.id = id
    }
}
