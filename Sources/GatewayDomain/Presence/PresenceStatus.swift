/// What a user wants to be seen as. What others see is ``Presence``.
public enum PresenceStatus: String, Hashable, Sendable, CaseIterable {
    case online, away, busy, invisible
}

/// What others see of a user.
public struct Presence: Hashable, Sendable {
    /// How a user appears.
    public enum Appearance: String, Hashable, Sendable, CaseIterable {
        case online, away, busy, offline
    }

    /// How the user appears.
    public let appearance: Appearance
    /// When the user was last seen to be there, in milliseconds since 1970; `nil` where that is not known.
    public let lastSeen: Int64?

    /// How a user appears, and when the user was last seen.
    public init(_ appearance: Appearance, lastSeen: Int64?) {
        self.appearance = appearance
        self.lastSeen = lastSeen
    }
}
