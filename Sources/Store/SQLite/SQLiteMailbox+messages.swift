import Foundation
import GRDB
import GatewayDomain

extension SQLiteMailbox: MessageStore {
    /// See ``MessageStore``.
    public func keep(_ item: MailboxItem, for user: UserID) async throws -> Int {
        let now = now()
        return try await write { try keep(item, for: user, now: now, in: $0) }
    }

    /// See ``MessageStore``. One transaction, so that what was answered is also kept.
    public func accept(_ item: MailboxItem, for user: UserID?, as key: ClientMessageKey) async throws -> MessageAcceptance {
        let now = now()
        return try await write { database in
            let earliest = now - bounds.repeatWindow.inMilliseconds
            try database.execute(
                sql: """
                    DELETE FROM sent WHERE number IN (SELECT number FROM sent WHERE sent_at < ? ORDER BY sent_at LIMIT 100)
                    OR (sender = ? AND client_id = ? AND sent_at < ?)
                    """,
                arguments: [earliest, key.sender.rawValue, key.id, earliest]
            )
            let row = try Row.fetchOne(
                database,
                sql: "SELECT message_id, sent_at, delivered FROM sent WHERE sender = ? AND client_id = ?",
                arguments: [key.sender.rawValue, key.id]
            )
            if let row {
                return .repeated(SentMessage(messageID: row["message_id"], timestamp: row["sent_at"], delivered: row["delivered"]))
            }
            try remember(item, as: key, in: database)
            return .accepted(dropped: try user.map { try keep(item, for: $0, now: now, in: database) } ?? 0)
        }
    }

    /// See ``MessageStore``.
    public func setDelivered(_ key: ClientMessageKey) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE sent SET delivered = 1 WHERE sender = ? AND client_id = ?",
                arguments: [key.sender.rawValue, key.id]
            )
        }
    }

    /// See ``MessageStore``.
    public func items(for user: UserID) async throws -> [MailboxItem] {
        let earliest = now() - bounds.lifetime.inMilliseconds
        return try await read { try items(for: user, since: earliest, in: $0) }
    }

    /// See ``MessageStore``. One query for all of them.
    public func items(for users: [UserID]) async throws -> [UserID: [MailboxItem]] {
        let earliest = now() - bounds.lifetime.inMilliseconds
        let list = Self.list(users)
        return try await read { database in
            let request = SQLRequest<Row>(
                sql: """
                    SELECT user_id, kind, id, members, kept_at FROM items
                    WHERE user_id IN (SELECT value FROM json_each(?)) AND kept_at >= ? ORDER BY number
                    """,
                arguments: [list, earliest],
                cached: true
            )
            return try request.fetchAll(database).reduce(into: [:]) { found, row in
                guard let user = UserID(row["user_id"] as String) else { return }
                found[user, default: []].append(try Self.item(row))
            }
        }
    }

    /// See ``MessageStore``. One statement for all of them: there is one writer for all users, and most ids may be of nothing.
    @discardableResult
    public func remove(_ ids: Set<String>, of user: UserID) async throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let list = String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
        return try await write { database in
            let statement = try database.cachedStatement(
                sql: "DELETE FROM items WHERE user_id = ? AND id IN (SELECT value FROM json_each(?))"
            )
            try statement.execute(arguments: [user.rawValue, list])
            return database.changesCount
        }
    }

    /// See ``MessageStore``.
    public func usage() async throws -> MailboxUsage? {
        try await read { try usage(in: $0) }
    }
}

/// Steps within a transaction.
extension SQLiteMailbox {
    private func items(for user: UserID, since earliest: Int64, in database: Database) throws -> [MailboxItem] {
        let request = SQLRequest<Row>(
            sql: "SELECT kind, id, members, kept_at FROM items WHERE user_id = ? AND kept_at >= ? ORDER BY number",
            arguments: [user.rawValue, earliest],
            cached: true
        )
        return try request.fetchAll(database).map(Self.item)
    }

    private static func item(_ row: Row) throws -> MailboxItem {
        guard let kind = MailboxItem.Kind(rawValue: row["kind"]) else {
            throw StoreError(code: .failed, message: "the table of items holds a row of a later version; update this program")
        }
        return MailboxItem(id: row["id"], kind: kind, members: row["members"], keptAt: row["kept_at"])
    }

    private func keep(_ item: MailboxItem, for user: UserID, now: Int64, in database: Database) throws -> Int {
        // Of what is too old the user's own goes, and a little of the others', so that no call has much to do.
        try database.execute(
            sql: """
                DELETE FROM items WHERE (user_id = :user AND kept_at < :earliest)
                OR number IN (SELECT number FROM items WHERE kept_at < :earliest ORDER BY kept_at LIMIT 100)
                """,
            arguments: ["user": user.rawValue, "earliest": now - bounds.lifetime.inMilliseconds]
        )
        try database.execute(
            sql: """
                INSERT INTO items (user_id, kind, id, members, kept_at, bytes) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (user_id, kind, id) DO NOTHING
                """,
            arguments: [user.rawValue, item.kind.rawValue, item.id, item.members, item.keptAt, item.byteCount]
        )
        guard database.changesCount > 0 else { return 0 }
        try database.execute(
            sql: """
                DELETE FROM items WHERE number IN (
                    SELECT number FROM items WHERE user_id = ? AND kind = ? ORDER BY number DESC LIMIT -1 OFFSET ?
                )
                """,
            arguments: [user.rawValue, item.kind.rawValue, bounds.itemsPerUser(item.kind)]
        )
        var dropped = database.changesCount
        var bytes = try Int.fetchOne(database, sql: "SELECT sum(bytes) FROM items WHERE user_id = ?", arguments: [user.rawValue]) ?? 0
        while bytes > bounds.bytesPerUser, let row = try oldest(database, "WHERE user_id = ?", [user.rawValue]) {
            bytes -= row["bytes"] as Int
            dropped += try delete(row, in: database)
        }
        var usage = try usage(in: database)
        while usage.items > bounds.items || usage.bytes > bounds.bytes, let row = try oldest(database) {
            dropped += try delete(row, in: database)
            usage.items -= 1
            usage.bytes -= row["bytes"] as Int
        }
        return dropped
    }

    private func oldest(_ database: Database, _ condition: String = "", _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(database, sql: "SELECT number, bytes FROM items \(condition) ORDER BY number LIMIT 1", arguments: arguments)
    }

    private func delete(_ row: Row, in database: Database) throws -> Int {
        try database.execute(sql: "DELETE FROM items WHERE number = ?", arguments: [row["number"] as Int64])
        return 1
    }

    private func remember(_ item: MailboxItem, as key: ClientMessageKey, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO sent (sender, client_id, message_id, sent_at, delivered) VALUES (?, ?, ?, ?, 0)",
            arguments: [key.sender.rawValue, key.id, item.id, item.keptAt]
        )
        try database.execute(
            sql: """
                DELETE FROM sent WHERE number IN (SELECT number FROM sent WHERE sender = ? ORDER BY number DESC LIMIT -1 OFFSET ?)
                OR number <= (SELECT max(number) FROM sent) - ?
                """,
            arguments: [key.sender.rawValue, bounds.rememberedPerSender, bounds.remembered]
        )
    }

    private func usage(in database: Database) throws -> MailboxUsage {
        let row = try Row.fetchOne(database, sql: "SELECT items, bytes FROM totals")
        return MailboxUsage(items: row?["items"] ?? 0, bytes: row?["bytes"] ?? 0)
    }
}
