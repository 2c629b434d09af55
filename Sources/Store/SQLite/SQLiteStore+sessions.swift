import Foundation
import GRDB
import GatewayDomain

extension SQLiteStore: RefreshTokenStore {
    /// See ``RefreshTokenStore``.
    public func startSession(of user: UserID, rotates: Bool) async throws -> SessionStart {
        let session = SessionID(rawValue: makeID().uuidString.lowercased())
        let token = RefreshToken(bytes: randomBytes(32))
        let now = now()
        return try await write { database in
            try forgetExpired(now: now, in: database)
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM users WHERE id = ?", arguments: [user.rawValue]) else {
                throw StoreError(code: .failed, message: "no such user")
            }
            try database.execute(
                sql: "INSERT INTO sessions (id, user_id, rotates, created_at) VALUES (?, ?, ?, ?)",
                arguments: [session.rawValue, user.rawValue, rotates, now]
            )
            try insert(token, session: session, now: now, in: database)
            let ended = try makeRoom(for: session, of: user, now: now, in: database)
            return SessionStart(
                grant: RefreshGrant(token: token, session: session, user: try User(row: row)),
                endedSessions: ended.sessions,
                endedAccessTokens: ended.accessTokens
            )
        }
    }

    /// See ``RefreshTokenStore``. One transaction, so that of two uses at once the second sees what the first did.
    public func use(_ token: RefreshToken, rotates: Bool) async throws -> RefreshResult {
        let now = now()
        return try await write { database in
            let found = try Row.fetchOne(
                database,
                sql: """
                    SELECT sessions.id AS session_id, rotates, revoked_at, refresh_tokens.expires_at, replaced_at, users.*
                    FROM refresh_tokens
                    JOIN sessions ON sessions.id = refresh_tokens.session_id
                    JOIN users ON users.id = sessions.user_id
                    WHERE hash = ?
                    """,
                arguments: [token.hash]
            )
            guard let row = found else { return .refused(.unknown) }
            let session = SessionID(rawValue: row["session_id"])
            let standing = RefreshRules.Standing(
                expiresAt: row["expires_at"],
                replacedAt: row["replaced_at"],
                isRevoked: (row["revoked_at"] as Int64?) != nil,
                rotates: row["rotates"] || rotates
            )
            func grant(_ token: RefreshToken) throws -> RefreshResult {
                .granted(RefreshGrant(token: token, session: session, user: try User(row: row)))
            }
            let decision = rules.decide(standing, now: now)
            // Before anything is replaced: who is refused for now keeps the session.
            if decision.isGood, let freeAt = try nextExpiry(ofTooMany: session, now: now, in: database) {
                return .refused(.tooMany(retryAfter: .milliseconds(freeAt - now)))
            }
            switch decision {
            case .keep:
                return try grant(token)
            case .replace:
                let successor = token.successor(key: successorKey)
                try replace(token, by: successor, session: session, now: now, in: database)
                return try grant(successor)
            case .repeatSuccessor:
                return try grant(token.successor(key: successorKey))
            case .expired:
                return .refused(.expired)
            case .revoked:
                return .refused(.revoked)
            case .reused:
                let accessTokens = try liveAccessTokens(of: session, now: now, in: database)
                // The rows stay, so that the copy's and the owner's next use meet a revoked session rather than an unknown one.
                try database.execute(sql: "UPDATE sessions SET revoked_at = ? WHERE id = ?", arguments: [now, session.rawValue])
                return .refused(.reused(accessTokens))
            }
        }
    }

    /// See ``RefreshTokenStore``.
    public func record(_ accessToken: SessionAccessToken, in session: SessionID) async throws {
        let now = now()
        try await write { database in
            try database.execute(sql: "DELETE FROM access_tokens WHERE expires_at <= ?", arguments: [now])
            try database.execute(
                sql: """
                    INSERT INTO access_tokens (id, session_id, expires_at)
                    SELECT ?, id, ? FROM sessions WHERE id = ? AND revoked_at IS NULL
                    """,
                arguments: [accessToken.id, accessToken.expiresAt, session.rawValue]
            )
            guard database.changesCount == 1 else {
                throw StoreError(code: .sessionEnded, message: "the session was ended while its access token was made")
            }
        }
    }

    /// See ``RefreshTokenStore``.
    public func endSession(of token: RefreshToken) async throws -> [SessionAccessToken]? {
        try await endSession(found: "SELECT session_id FROM refresh_tokens WHERE hash = ?", arguments: [token.hash])
    }

    /// See ``RefreshTokenStore``.
    public func endSession(ofAccessToken tokenID: String) async throws -> [SessionAccessToken]? {
        try await endSession(found: "SELECT session_id FROM access_tokens WHERE id = ?", arguments: [tokenID])
    }

    /// See ``RefreshTokenStore``.
    public func endSessions(of user: UserID) async throws {
        try await write { database in
            try database.execute(sql: "DELETE FROM sessions WHERE user_id = ?", arguments: [user.rawValue])
        }
    }

    private func endSession(found query: String, arguments: StatementArguments) async throws -> [SessionAccessToken]? {
        let now = now()
        return try await write { database in
            guard let id = try String.fetchOne(database, sql: query, arguments: arguments) else { return nil }
            let accessTokens = try liveAccessTokens(of: SessionID(rawValue: id), now: now, in: database)
            try database.execute(sql: "DELETE FROM sessions WHERE id = ?", arguments: [id])
            return accessTokens
        }
    }
}

/// Steps within a transaction.
extension SQLiteStore {
    private func insert(_ token: RefreshToken, session: SessionID, now: Int64, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (?, ?, ?)",
            arguments: [token.hash, session.rawValue, now + rules.lifetime.inMilliseconds]
        )
    }

    private func replace(
        _ token: RefreshToken,
        by successor: RefreshToken,
        session: SessionID,
        now: Int64,
        in database: Database
    ) throws {
        try forgetExpired(now: now, in: database)
        try database.execute(sql: "UPDATE refresh_tokens SET replaced_at = ? WHERE hash = ?", arguments: [now, token.hash])
        try database.execute(sql: "UPDATE sessions SET rotates = 1 WHERE id = ?", arguments: [session.rawValue])
        try insert(successor, session: session, now: now, in: database)
    }

    /// Ends the user's oldest sessions where there are too many: first those that were revoked anyway, then those without an access token that
    /// is good, which nobody is using now. Never `session`, which is the newest whatever the clock says.
    private func makeRoom(
        for session: SessionID,
        of user: UserID,
        now: Int64,
        in database: Database
    ) throws -> (sessions: Int, accessTokens: [SessionAccessToken]) {
        let surplus = try String.fetchAll(
            database,
            sql: """
                SELECT id FROM sessions WHERE user_id = ? AND id <> ?
                ORDER BY revoked_at IS NULL DESC,
                    EXISTS (SELECT 1 FROM access_tokens WHERE session_id = sessions.id AND expires_at > ?) DESC,
                    created_at DESC, rowid DESC LIMIT -1 OFFSET ?
                """,
            arguments: [user.rawValue, session.rawValue, now, max(0, rules.maximumSessions - 1)]
        )
        let accessTokens = try surplus.flatMap { id in
            let live = try liveAccessTokens(of: SessionID(rawValue: id), now: now, in: database)
            try database.execute(sql: "DELETE FROM sessions WHERE id = ?", arguments: [id])
            return live
        }
        return (surplus.count, accessTokens)
    }

    /// Where the session has more access tokens than it may: when the first of the surplus expires, in milliseconds since 1970.
    private func nextExpiry(ofTooMany session: SessionID, now: Int64, in database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql: "SELECT expires_at FROM access_tokens WHERE session_id = ? AND expires_at > ? ORDER BY expires_at DESC LIMIT 1 OFFSET ?",
            arguments: [session.rawValue, now, rules.maximumAccessTokens]
        )
    }

    private func liveAccessTokens(of session: SessionID, now: Int64, in database: Database) throws -> [SessionAccessToken] {
        try Row.fetchAll(
            database,
            sql: "SELECT id, expires_at FROM access_tokens WHERE session_id = ? AND expires_at > ? ORDER BY expires_at, id",
            arguments: [session.rawValue, now]
        ).map { SessionAccessToken(id: $0["id"], expiresAt: $0["expires_at"]) }
    }

    /// Expired tokens are kept for a day more, so that their owners are told "expired" rather than "unknown". Sessions go with their last.
    ///
    /// Some at a time, and no session is looked at but theirs: each call adds one token, and must not have much to do.
    private func forgetExpired(now: Int64, in database: Database) throws {
        let old = try Row.fetchAll(
            database,
            sql: "SELECT hash, session_id FROM refresh_tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT 20",
            arguments: [now - 86_400_000]
        )
        for token in old {
            let (hash, session): (Data, String) = (token["hash"], token["session_id"])
            try database.execute(sql: "DELETE FROM refresh_tokens WHERE hash = ?", arguments: [hash])
            try database.execute(
                sql: "DELETE FROM sessions WHERE id = ? AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE session_id = sessions.id)",
                arguments: [session]
            )
        }
    }
}
