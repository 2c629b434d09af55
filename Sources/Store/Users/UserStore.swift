import GatewayDomain

/// Keeps the users.
public protocol UserStore: Sendable {
    /// The user with this Privy DID; a new one, with a new random id, at the first login. Two logins at once find the same user.
    ///
    /// A display name is taken over where one is given, and kept otherwise.
    ///
    /// - Throws: ``StoreError``.
    func findOrCreateUser(privyDID: String, displayName: String?) async throws -> User

    /// The user with this id, if there is one.
    ///
    /// - Throws: ``StoreError``.
    func user(id: UserID) async throws -> User?
}
