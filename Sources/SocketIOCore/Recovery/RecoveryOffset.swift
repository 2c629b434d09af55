/// Where an event stands in the log of its namespace: the last string argument of every recoverable event, which a client gives back when
/// it reconnects (socket.io-client, `lib/socket.ts`, `_lastOffset`).
///
/// Positions rise by one with each event of the namespace, so that a client's place is known also when its last event has long been
/// forgotten. The epoch names one run of the log: positions of another run, or of another node, mean nothing here.
public struct RecoveryOffset: Hashable, Sendable {
    /// Which log; letters, digits, `-` and `_`.
    public let epoch: String
    /// How many events had been logged with this one.
    public let position: UInt64

    /// The longest text that is looked at, in bytes.
    static let maximumLength = 64

    /// A place in the log `epoch`.
    public init(epoch: String, position: UInt64) {
        self.epoch = epoch
        self.position = position
    }

    /// Reads what a client sent; `nil` where it is no offset of ours, such as the string argument of some other event.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let dot = text.lastIndex(of: ".") else { return nil }
        let digits = text[text.index(after: dot)...]
        // `UInt64.init` takes a sign and capitals too; only what `text` writes is ours.
        guard let position = UInt64(digits, radix: 36), String(position, radix: 36) == digits else { return nil }
        self.epoch = String(text[..<dot])
        self.position = position
    }

    /// As it stands in an event: `<epoch>.<position in base 36>`. Needs no escapes in JSON.
    public var text: String { "\(epoch).\(String(position, radix: 36))" }

    /// A name for a new log: 48 random bits.
    public static func makeEpoch(using generator: inout some RandomNumberGenerator) -> String {
        PrivateID.randomText(length: 8, using: &generator)
    }
}
