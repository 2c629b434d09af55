import GatewayDomain

/// Revocations that have come together: one look at a connection tells whether any of them ends it, however many they are. A value.
struct RevocationBatch: Sendable {
    private var tokens: Set<TokenID> = []
    /// The latest of each user: who is ended by an earlier one is ended by it too.
    private var users: [UserID: Revocation] = [:]

    var isEmpty: Bool { tokens.isEmpty && users.isEmpty }

    mutating func add(_ revocation: Revocation) {
        switch revocation.subject {
        case .token(let id): tokens.insert(id)
        case .user(let id):
            if let known = users[id], known.revokedAt >= revocation.revokedAt { return }
            users[id] = revocation
        }
    }

    /// Whether one of them ends what this token has opened, as ``Principal/isEnded(by:)`` says of each.
    func ends(_ principal: Principal) -> Bool {
        if let id = principal.tokenID, tokens.contains(id) { return true }
        return principal.userID.flatMap { users[$0] }.map { principal.isEnded(by: $0) } ?? false
    }
}
