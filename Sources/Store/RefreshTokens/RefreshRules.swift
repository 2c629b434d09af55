/// How refresh tokens age and are replaced. A value without a clock or a database: see ``SQLiteStore`` for both.
public struct RefreshRules: Hashable, Sendable {
    /// How long a token lasts from when it is given out, by login or by rotation.
    public var lifetime: Duration
    /// How long a replaced token still answers its successor: for an answer that was lost, and for two tabs that refresh at once.
    public var grace: Duration
    /// How many sessions a user may have: one more login ends the oldest.
    public var maximumSessions: Int
    /// A session with more access tokens than these that have not expired is given no other for now. Each of them is a revocation when the
    /// session is ended.
    public var maximumAccessTokens: Int

    /// Rules; by default 30 days, 30 s of grace, 100 sessions of a user and 60 access tokens of a session.
    public init(
        lifetime: Duration = .seconds(30 * 86_400),
        grace: Duration = .seconds(30),
        maximumSessions: Int = 100,
        maximumAccessTokens: Int = 60
    ) {
        self.lifetime = lifetime
        self.grace = grace
        self.maximumSessions = maximumSessions
        self.maximumAccessTokens = maximumAccessTokens
    }

    /// What is known of a token when it is presented. Times are milliseconds since 1970.
    struct Standing: Hashable, Sendable {
        var expiresAt: Int64
        /// When its successor was first given out.
        var replacedAt: Int64?
        /// Whether its family has been revoked.
        var isRevoked: Bool
        /// Whether each use is to give a new token.
        var rotates: Bool
    }

    /// What to do about a token presented.
    enum Decision: Hashable, Sendable {
        /// It is good and stays so: answer it again.
        case keep
        /// It is good for this once: give out its successor.
        case replace
        /// It was replaced a moment ago: answer the same successor.
        case repeatSuccessor
        /// It is too old.
        case expired
        /// Its family has been revoked before.
        case revoked
        /// It was replaced long ago, so a copy of it is about: revoke the family.
        case reused

        /// Whether a token is given out.
        var isGood: Bool {
            switch self {
            case .keep, .replace, .repeatSuccessor: true
            case .expired, .revoked, .reused: false
            }
        }
    }

    func decide(_ standing: Standing, now: Int64) -> Decision {
        if standing.isRevoked { return .revoked }
        if standing.expiresAt <= now { return .expired }
        if let replacedAt = standing.replacedAt {
            return now - replacedAt <= grace.inMilliseconds ? .repeatSuccessor : .reused
        }
        return standing.rotates ? .replace : .keep
    }
}

extension Duration {
    var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
