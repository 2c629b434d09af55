import GRDB
import GatewayDomain

extension SQLiteMailbox: LastSeenStore {
    /// See ``LastSeenStore``.
    public func record(_ absence: PresenceBook.Absence) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO absences (user_id, last_seen, is_invisible, number)
                    VALUES (?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM absences))
                    ON CONFLICT (user_id) DO UPDATE
                    SET last_seen = excluded.last_seen, is_invisible = excluded.is_invisible, number = excluded.number
                    """,
                arguments: [absence.user.rawValue, absence.lastSeen, absence.isInvisible]
            )
            try database.execute(
                sql: "DELETE FROM absences WHERE number <= (SELECT max(number) FROM absences) - ?",
                arguments: [maximumAbsences]
            )
        }
    }

    /// See ``LastSeenStore``.
    public func absences(of users: [UserID]) async throws -> [UserID: PresenceBook.Absence] {
        let list = Self.list(users)
        return try await read { database in
            let request = SQLRequest<Row>(
                sql: "SELECT user_id, last_seen, is_invisible FROM absences WHERE user_id IN (SELECT value FROM json_each(?))",
                arguments: [list],
                cached: true
            )
            return try request.fetchAll(database).reduce(into: [:]) { known, row in
                guard let user = UserID(row["user_id"] as String) else { return }
                known[user] = PresenceBook.Absence(user: user, lastSeen: row["last_seen"], isInvisible: row["is_invisible"])
            }
        }
    }
}
