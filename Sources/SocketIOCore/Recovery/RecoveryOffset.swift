import EngineIOCore

/// Where an event stands in the log of its namespace: the last string argument of every recoverable event, which a client gives back when
/// it reconnects (socket.io-client, `lib/socket.ts`, `_lastOffset`).
///
/// Positions rise by one with each event of the namespace, so that a client's place is known also when its last event has long been
/// forgotten. The epoch names one run of the log: positions of another run, or of another server, mean nothing here. Where the events come
/// from sources that all servers read, the offset says beside that how far these had been read, which means the same on every server.
public struct RecoveryOffset: Hashable, Sendable {
    /// Which log; letters, digits, `-` and `_`.
    public let epoch: String
    /// How many events had been logged with this one.
    public let position: UInt64
    /// How far the sources had been read with this event; `nil` where there are none.
    public let sources: SourcePositions?

    /// The longest text that is looked at, in bytes, and the longest of what does not concern sources.
    static let maximumLength = 320, maximumPlaceLength = 64

    /// A place in the log `epoch`.
    public init(epoch: String, position: UInt64, sources: SourcePositions? = nil) {
        self.epoch = epoch
        self.position = position
        self.sources = sources
    }

    /// A place that no log knows, among the events of sources.
    public init(sources: SourcePositions) {
        self.init(epoch: "", position: 0, sources: sources)
    }

    /// Reads what a client sent; `nil` where it is no offset of ours, such as the string argument of some other event.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let dot = text.lastIndex(of: ".") else { return nil }
        let parts = text[text.index(after: dot)...].split(separator: "~", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts[0]
        guard text[..<dot].utf8.count + 1 + digits.utf8.count <= Self.maximumPlaceLength else { return nil }
        // `UInt64.init` takes a sign and capitals too; only what `text` writes is ours.
        guard let position = UInt64(digits, radix: 36), String(position, radix: 36) == digits else { return nil }
        var sources: SourcePositions?
        if parts.count == 2 {
            guard let positions = SourcePositions(parts[1]) else { return nil }
            sources = positions
        }
        self.init(epoch: String(text[..<dot]), position: position, sources: sources)
    }

    /// As it stands in an event: `<epoch>.<position in base 36>`, and where there are sources `~` and how far they had been read. Needs no
    /// escapes in JSON.
    public var text: String {
        let place = "\(epoch).\(String(position, radix: 36))"
        return sources.map { "\(place)~\($0.text)" } ?? place
    }

    /// A name for a new log: 48 random bits.
    public static func makeEpoch(using generator: inout some RandomNumberGenerator) -> String {
        let number = generator.next()
        return String(decoding: (0..<8).map { IDCharacters.character(of: number >> UInt64(6 * $0)) }, as: UTF8.self)
    }
}
