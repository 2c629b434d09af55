import GRDB

/// The tables, and how each version of them came from the one before. A migration that has been released is never edited.
enum SQLiteSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 users, sessions, revocations") { database in
            // All times are milliseconds since 1970.
            try database.execute(
                sql: """
                    CREATE TABLE users (
                        id TEXT PRIMARY KEY NOT NULL,
                        privy_did TEXT NOT NULL UNIQUE,
                        display_name TEXT,
                        created_at INTEGER NOT NULL
                    ) STRICT;

                    CREATE TABLE sessions (
                        id TEXT PRIMARY KEY NOT NULL,
                        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                        rotates INTEGER NOT NULL,
                        created_at INTEGER NOT NULL,
                        revoked_at INTEGER
                    ) STRICT;
                    CREATE INDEX sessions_by_user ON sessions (user_id);

                    CREATE TABLE refresh_tokens (
                        hash BLOB PRIMARY KEY NOT NULL,
                        session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                        expires_at INTEGER NOT NULL,
                        replaced_at INTEGER
                    ) STRICT;
                    CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
                    CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

                    CREATE TABLE access_tokens (
                        id TEXT PRIMARY KEY NOT NULL,
                        session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
                        expires_at INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX access_tokens_by_session ON access_tokens (session_id);
                    CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

                    CREATE TABLE revocations (
                        kind TEXT NOT NULL,
                        subject TEXT NOT NULL,
                        revoked_at INTEGER NOT NULL,
                        expires_at INTEGER NOT NULL,
                        PRIMARY KEY (kind, subject)
                    ) STRICT;
                    """
            )
        }
        migrator.registerMigration("2 expired revocations are found without reading them all") { database in
            try database.execute(sql: "CREATE INDEX revocations_by_expiry ON revocations (expires_at)")
        }
        return migrator
    }
}
