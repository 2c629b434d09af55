import GRDB
import GatewayDomain

/// Messages, notifications and absences in an SQLite database of their own, apart from users and sessions: what is in it changes often, may
/// be lost with the power, and is nobody's to log in with. Several processes may use one file.
public struct SQLiteMailbox: Sendable {
    let database: any DatabaseWriter
    let bounds: MailboxBounds
    /// How many absences are remembered.
    let maximumAbsences: Int
    let now: @Sendable () -> Int64

    /// Opens the database and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - location: where it is; the folder must exist.
    ///   - bounds: how much it keeps.
    ///   - maximumAbsences: of how many users it remembers when they were last seen.
    ///   - now: the time, in milliseconds since 1970.
    /// - Throws: ``StoreError`` with code `unavailable`.
    public init(
        _ location: SQLiteStore.Location,
        bounds: MailboxBounds = MailboxBounds(),
        maximumAbsences: Int = 1_000_000,
        now: @escaping @Sendable () -> Int64
    ) throws(StoreError) {
        self.bounds = bounds
        self.maximumAbsences = maximumAbsences
        self.now = now
        do {
            // A commit survives the end of the process, not a power cut: a wait for the disk for each message would cost most of the rate.
            self.database = try SQLiteStore.open(location, synchronous: "NORMAL")
            try SQLiteMailboxSchema.migrator.migrate(database)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(code: .unavailable, message: "the database of messages cannot be opened: \(SQLiteStore.explain(error))")
        }
    }

    /// Closes the database. Later calls fail.
    public func close() throws {
        try database.close()
    }

    /// The users as a JSON list, for one query about all of them: their names have no character that JSON escapes.
    static func list(_ users: [UserID]) -> String {
        "[\(users.map { "\"\($0.rawValue)\"" }.joined(separator: ","))]"
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await database.read(body) } catch let error as DatabaseError {
            throw StoreError(code: .failed, message: SQLiteStore.explain(error))
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await database.write(body) } catch let error as DatabaseError {
            throw StoreError(code: .failed, message: SQLiteStore.explain(error))
        }
    }
}

/// The tables, and how each version of them came from the one before. A migration that has been released is never edited.
enum SQLiteMailboxSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 items, names, absences") { database in
            // All times are milliseconds since 1970. `number` gives the order in which items came.
            try database.execute(
                sql: """
                    CREATE TABLE items (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        user_id TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        id TEXT NOT NULL,
                        members TEXT NOT NULL,
                        kept_at INTEGER NOT NULL,
                        bytes INTEGER NOT NULL,
                        UNIQUE (user_id, kind, id)
                    ) STRICT;
                    CREATE INDEX items_by_age ON items (kept_at);

                    CREATE TABLE totals (items INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
                    INSERT INTO totals VALUES (0, 0);
                    CREATE TRIGGER items_added AFTER INSERT ON items BEGIN
                        UPDATE totals SET items = items + 1, bytes = bytes + new.bytes;
                    END;
                    CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN
                        UPDATE totals SET items = items - 1, bytes = bytes - old.bytes;
                    END;

                    CREATE TABLE sent (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        sender TEXT NOT NULL,
                        client_id TEXT NOT NULL,
                        message_id TEXT NOT NULL,
                        sent_at INTEGER NOT NULL,
                        delivered INTEGER NOT NULL,
                        UNIQUE (sender, client_id)
                    ) STRICT;
                    CREATE INDEX sent_by_sender ON sent (sender, number);
                    CREATE INDEX sent_by_age ON sent (sent_at);

                    CREATE TABLE absences (
                        user_id TEXT PRIMARY KEY NOT NULL,
                        last_seen INTEGER,
                        is_invisible INTEGER NOT NULL,
                        number INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX absences_by_number ON absences (number);
                    """
            )
        }
        return migrator
    }
}
