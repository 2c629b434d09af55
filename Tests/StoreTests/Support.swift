import Crypto
import Foundation
import GatewayDomain
import Synchronization

@testable import Store

/// A clock that moves when it is told to.
final class ManualClock: Sendable {
    private let time = Mutex(1_800_000_000.0)

    var now: Date { Date(timeIntervalSince1970: time.withLock { $0 }) }

    func advance(by seconds: Double) {
        time.withLock { $0 += seconds }
    }
}

/// A store in memory with a user in it.
struct Fixture {
    let clock = ManualClock()
    let store: SQLiteStore
    let user: User

    init(_ location: SQLiteStore.Location = .memory) async throws {
        let clock = clock
        store = try SQLiteStore(
            location,
            rules: RefreshRules(lifetime: .seconds(3600), grace: .seconds(30)),
            successorKey: SymmetricKey(data: [UInt8](repeating: 7, count: 32)),
            now: { clock.now }
        )
        user = try await store.findOrCreateUser(privyDID: "did:privy:alice", displayName: "Alice")
    }

    /// The token a use grants, or `nil` where it is refused.
    func use(_ token: RefreshToken, rotates: Bool = false) async throws -> RefreshToken? {
        guard case .granted(let grant) = try await store.use(token, rotates: rotates) else { return nil }
        return grant.token
    }
}

/// A folder that goes with its last reference.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}
