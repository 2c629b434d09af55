import Crypto
import Foundation
import GRDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Users, sessions and revocations in SQLite. Several processes may use one file.
public struct SQLiteStore: Sendable {
    /// Where the database is.
    public enum Location: Sendable {
        /// A file, created with mode 0600 if it is not there. It is kept in WAL mode, so it has two files beside it.
        case file(URL)
        /// In memory, gone with the store: for tests.
        case memory
    }

    let database: any DatabaseWriter
    let rules: RefreshRules
    let successorKey: SymmetricKey
    let clock: @Sendable () -> Date
    let makeID: @Sendable () -> UUID
    let randomBytes: @Sendable (_ count: Int) -> [UInt8]

    /// Opens the database and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - location: where it is; the folder must exist.
    ///   - rules: how refresh tokens age.
    ///   - successorKey: the key by which successors of refresh tokens are derived. It must stay the same over restarts, and not be in
    ///     the database: a copy of the database alone must not give tokens.
    ///   - now: the clock.
    ///   - makeID: where ids come from.
    ///   - randomBytes: where refresh tokens come from; it must be cryptographically strong.
    /// - Throws: ``StoreError`` with code `unavailable`.
    public init(
        _ location: Location,
        rules: RefreshRules = RefreshRules(),
        successorKey: SymmetricKey,
        now: @escaping @Sendable () -> Date = { Date() },
        makeID: @escaping @Sendable () -> UUID = { UUID() },
        randomBytes: @escaping @Sendable (_ count: Int) -> [UInt8] = SQLiteStore.systemRandomBytes
    ) throws(StoreError) {
        self.rules = rules
        self.successorKey = successorKey
        self.clock = now
        self.makeID = makeID
        self.randomBytes = randomBytes
        do {
            self.database = try Self.open(location)
            try SQLiteSchema.migrator.migrate(database)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(code: .unavailable, message: "the database cannot be opened: \(Self.explain(error))")
        }
    }

    /// Bytes from the system's generator.
    public static func systemRandomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Closes the database. Later calls fail.
    public func close() throws {
        try database.close()
    }

    /// The time, in milliseconds since 1970.
    func now() -> Int64 { Int64(clock().timeIntervalSince1970 * 1000) }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await mapped { try await database.read(body) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await mapped { try await database.write(body) }
    }

    private func mapped<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(code: .failed, message: Self.explain(error))
        }
    }

    /// What SQLite says, without the statement and its arguments.
    static func explain(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(type(of: error))" }
        return "\(error.resultCode): \(error.message ?? "no details")"
    }

    /// - Parameter synchronous: how much a commit waits for the disk (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    static func open(_ location: Location, synchronous: String = "FULL") throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.label = "moonx store"
        // Another process may be writing: wait for it rather than fail at once.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // A logout that was answered must survive a power cut; WAL alone may lose the last commits.
            try database.execute(sql: "PRAGMA synchronous = \(synchronous)")
        }
        switch location {
        case .memory:
            return try DatabaseQueue(configuration: configuration)
        case .file(let file):
            // SQLite gives the files beside it the mode of this one.
            let descriptor = Foundation.open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                throw StoreError(code: .unavailable, message: "cannot open \(file.path): \(reason); check the folder and its permissions")
            }
            Foundation.close(descriptor)
            return try DatabasePool(path: file.path, configuration: configuration)
        }
    }
}
