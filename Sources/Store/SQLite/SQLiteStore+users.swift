import Foundation
import GRDB
import GatewayDomain

extension SQLiteStore: UserStore {
    /// See ``UserStore``.
    public func findOrCreateUser(privyDID: String, displayName: String?) async throws -> User {
        let id = makeID().uuidString.lowercased()
        let now = now()
        return try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO users (id, privy_did, display_name, created_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (privy_did) DO UPDATE SET display_name = coalesce(excluded.display_name, display_name)
                    """,
                arguments: [id, privyDID, displayName, now]
            )
            let row = try Row.fetchOne(database, sql: "SELECT * FROM users WHERE privy_did = ?", arguments: [privyDID])
            guard let row else { throw StoreError(code: .failed, message: "a user just written is not there") }
            return try User(row: row)
        }
    }

    /// See ``UserStore``.
    public func user(id: UserID) async throws -> User? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM users WHERE id = ?", arguments: [id.rawValue]).map { try User(row: $0) }
        }
    }
}

extension User {
    /// A row of the table `users`.
    init(row: Row) throws {
        guard let id = UserID(row["id"] as String) else {
            throw StoreError(code: .failed, message: "the table of users holds an id that is none; restore it from a backup")
        }
        self.init(id: id, displayName: row["display_name"], createdAt: row["created_at"])
    }
}
