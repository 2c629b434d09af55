import Foundation
import GatewayDomain
import Synchronization

/// The revocations in force, in memory, for a look-up with each token verified. Thread-safe; its size is bounded by what is revoked
/// within the longest life of a token and an hour, because the rest is forgotten.
public final class RevocationList: Sendable {
    private struct State {
        var revocations: [Revocation.Subject: Revocation] = [:]
        var pruneAtCount = 1024
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    /// How long a revocation counts when its tokens have expired, in milliseconds: a session that was saved with one of them may be asked for as
    /// long as clients may be away, an hour at most.
    private static let afterwards: Int64 = 3_600_000

    /// A list with these revocations.
    public init(_ revocations: [Revocation] = [], now: @escaping @Sendable () -> Date = { Date() }) {
        self.now = now
        for revocation in revocations { add(revocation) }
    }

    /// Takes in a revocation. Of two for one subject, the later moments count. Returns whether it says anything new.
    @discardableResult
    public func add(_ revocation: Revocation) -> Bool {
        let now = Int64(self.now().timeIntervalSince1970 * 1000)
        return state.withLock { state in
            let before = state.revocations[revocation.subject]
            let known = state.revocations[revocation.subject] ?? revocation
            state.revocations[revocation.subject] = Revocation(
                subject: revocation.subject,
                revokedAt: max(known.revokedAt, revocation.revokedAt),
                expiresAt: max(known.expiresAt, revocation.expiresAt)
            )
            // Doubling the mark keeps the cost of pruning constant per addition.
            if state.revocations.count >= state.pruneAtCount {
                state.revocations = state.revocations.filter { $0.value.expiresAt + Self.afterwards > now }
                state.pruneAtCount = max(1024, state.revocations.count * 2)
            }
            return state.revocations[revocation.subject] != before
        }
    }

    /// Whether the token has been revoked by its id or with all its user's, by a revocation that has not been over for an hour.
    public func isRevoked(_ token: VerifiedAccessToken) -> Bool {
        let (ofToken, ofUser) = state.withLock { state in
            (token.tokenID.flatMap { state.revocations[.token(id: $0)] }, state.revocations[.user(token.userID)])
        }
        return isInForce(ofToken, for: token) || isInForce(ofUser, for: token)
    }

    private func isInForce(_ revocation: Revocation?, for token: VerifiedAccessToken) -> Bool {
        // Most tokens are in no revocation: the clock is read for the others only.
        guard let revocation, revocation.applies(to: token) else { return false }
        return revocation.expiresAt + Self.afterwards > Int64(now().timeIntervalSince1970 * 1000)
    }

    /// The revocations in force.
    public var current: [Revocation] {
        let now = Int64(self.now().timeIntervalSince1970 * 1000)
        return state.withLock { Array($0.revocations.values) }.filter { $0.expiresAt > now }
    }

    /// How many revocations are remembered.
    public var count: Int { state.withLock { $0.revocations.count } }
}
