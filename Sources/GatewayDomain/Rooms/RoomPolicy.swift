/// Who may enter which room.
public struct RoomPolicy: Hashable, Sendable {
    /// Who may enter a group.
    public enum Groups: String, Sendable, CaseIterable {
        /// Whoever knows its id.
        case open
        /// Those whose token's `groups` lists its id.
        case claims
    }

    /// The answer to one request to enter.
    public enum Decision: Hashable, Sendable {
        /// The principal may be in the room.
        case allowed
        /// It may not, and this code says why.
        case denied(ErrorCode)
    }

    /// Who may enter a group.
    public var groups: Groups

    /// A policy with this rule for groups; the rules for all other rooms are fixed.
    public init(groups: Groups = .open) {
        self.groups = groups
    }

    /// Whether the principal may be in the room: market rooms are for all, personal ones for their owner.
    public func decide(_ room: Room, for principal: Principal) -> Decision {
        if room.isMarket { return .allowed }
        guard let userID = principal.userID else { return .denied(.authRequired) }
        if let owner = room.owner { return owner == userID ? .allowed : .denied(.accessDenied) }
        guard groups == .claims else { return .allowed }
        return principal.groups.contains(room.identifier) ? .allowed : .denied(.accessDenied)
    }
}
