import AccessToken
import Foundation
import GatewayDomain
import Logging
import RedisClient
import Store

/// The revocations that all services on one Redis share.
struct SharedRevocations: Sendable {
    private let store: RedisRevocations

    init(_ redis: RedisClient, logger: Logger) {
        store = RedisRevocations(client: redis, now: { Int64(Date().timeIntervalSince1970 * 1000) }, logger: logger)
    }

    /// Takes in what the others have revoked, now and from now on, and tells them what they do not know; `onNew` is called for what is new
    /// here.
    ///
    /// - Throws: `StartFailure`: a service that does not know what is revoked must not let anyone in.
    func join(_ list: RevocationList, onNew: @escaping @Sendable (Revocation) -> Void = { _ in }) async throws {
        do {
            try await store.listen(known: { list.current }) { revocation in
                if list.add(revocation) { onNew(revocation) }
            }
        } catch {
            throw StartFailure(description: "the revocations cannot be read from Redis: \(error)")
        }
    }

    /// Tells the others.
    func tell(_ revocation: Revocation) async throws { try await store.add(revocation) }
}
