import GatewayDomain

/// A person known to the exchange. The Privy DID stays in the store: it is never shown.
public struct User: Hashable, Sendable {
    /// The id by which the exchange knows the user: a lower-case UUID.
    public let id: UserID
    /// A name to show, where one is known.
    public let displayName: String?
    /// When the user first logged in, in milliseconds since 1970.
    public let createdAt: Int64

    /// A user; `createdAt` is in milliseconds since 1970.
    public init(id: UserID, displayName: String?, createdAt: Int64) {
        self.id = id
        self.displayName = displayName
        self.createdAt = createdAt
    }
}
