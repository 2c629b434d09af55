import GRDB
import GatewayDomain

extension SQLiteStore: RevocationStore {
    /// See ``RevocationStore``.
    public func add(_ revocation: Revocation) async throws {
        let (kind, subject) = Self.columns(of: revocation.subject)
        let now = now()
        try await write { database in
            // Here too, or the table of a service that is never restarted would only grow.
            try database.execute(sql: "DELETE FROM revocations WHERE expires_at <= ?", arguments: [now])
            try database.execute(
                sql: """
                    INSERT INTO revocations (kind, subject, revoked_at, expires_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (kind, subject) DO UPDATE SET
                        revoked_at = max(revoked_at, excluded.revoked_at),
                        expires_at = max(expires_at, excluded.expires_at)
                    """,
                arguments: [kind, subject, revocation.revokedAt, revocation.expiresAt]
            )
        }
    }

    /// See ``RevocationStore``.
    public func revocations() async throws -> [Revocation] {
        let now = now()
        return try await write { database in
            try database.execute(sql: "DELETE FROM revocations WHERE expires_at <= ?", arguments: [now])
            return try Row.fetchAll(database, sql: "SELECT * FROM revocations").map { row in
                guard let subject = Self.subject(kind: row["kind"], subject: row["subject"]) else {
                    throw StoreError(code: .failed, message: "the table of revocations holds a row of a later version; update this program")
                }
                return Revocation(subject: subject, revokedAt: row["revoked_at"], expiresAt: row["expires_at"])
            }
        }
    }

    private static func columns(of subject: Revocation.Subject) -> (kind: String, subject: String) {
        switch subject {
        case .token(let id): ("token", id.rawValue)
        case .user(let id): ("user", id.rawValue)
        }
    }

    private static func subject(kind: String, subject: String) -> Revocation.Subject? {
        switch kind {
        case "token": .token(id: TokenID(subject))
        case "user": UserID(subject).map { .user($0) }
        default: nil
        }
    }
}
