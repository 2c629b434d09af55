import Crypto
import Foundation
import GatewayDomain
import Synchronization

/// Remembers tokens whose signature and claims were found good, so that a client that comes back does not cost the verification again.
///
/// Only what cannot change is remembered: revocation is asked at each use, expiry too, and an entry is good only for the version of the
/// keys it was verified with. The key of an entry is half the SHA-256 of the whole token, so that neither the token is kept nor the time of a
/// look-up says anything about one: to find a second token for a key takes 2^128 attempts. Refused tokens are not remembered: nobody can push
/// good ones out without a good one of their own.
///
/// Thread-safe. Used once for each connection or request, never for a message.
public final class VerifiedTokenCache: Sendable {
    /// How much it does.
    public struct Statistics: Hashable, Sendable {
        /// Tokens that were found.
        public var hits = 0
        /// Tokens that were not.
        public var misses = 0
        /// Tokens remembered.
        public var count = 0
    }

    /// The longest token remembered, in bytes: with the capacity it bounds the memory.
    public static let maximumTokenLength = 2048

    /// The first 16 bytes of a token's SHA-256.
    struct Key: Hashable {
        fileprivate let words: SIMD2<UInt64>
    }

    /// Two generations: the older is forgotten as a whole when the younger is half the capacity. What is used moves to the younger one, so
    /// that about the least recently used goes, at constant cost.
    ///
    /// What a token says is shared with the connections that it has opened: an entry is 24 bytes.
    private struct State {
        var young: [Key: Principal] = [:]
        var old: [Key: Principal] = [:]
        var keyVersion = 0
        var statistics = Statistics()

        /// Forgets everything where there are newer keys. `false` where `version` is an older one.
        mutating func isCurrent(_ version: Int) -> Bool {
            if version > keyVersion {
                young = [:]
                old = [:]
                keyVersion = version
            }
            return version == keyVersion
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// A cache of at most `capacity` tokens; by default 65,536, of some 150 bytes each when they are ordinary ones. 0 remembers nothing.
    public init(capacity: Int = 65_536) {
        self.capacity = capacity
    }

    /// What has happened so far.
    public var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.count = state.young.count + state.old.count
            return statistics
        }
    }

    static func key(of token: String) -> Key {
        var (token, hasher) = (token, SHA256())
        // `unsafe`: the pointer is used within the closure only.
        token.withUTF8 { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hasher.finalize().withUnsafeBytes { Key(words: $0.loadUnaligned(as: SIMD2<UInt64>.self)) }
    }

    /// What a token says that was good with these keys, unless it has expired. `now` is in seconds since 1970.
    ///
    /// - Parameter countsMiss: `false` where who finds nothing asks again before the token is verified.
    func find(_ key: Key, keyVersion: Int, now: Double, countsMiss: Bool = true) -> VerifiedAccessToken? {
        state.withLock { state in
            guard state.isCurrent(keyVersion), let entry = state.young[key] ?? state.old[key], let token = VerifiedAccessToken(entry) else {
                if countsMiss { state.statistics.misses += 1 }
                return nil
            }
            // The milliseconds of the entry are rounded: at the edge the rules decide anew.
            guard Double(token.expiresAt - 1) / 1000 > now else {
                state.young[key] = nil
                state.old[key] = nil
                if countsMiss { state.statistics.misses += 1 }
                return nil
            }
            if state.old.removeValue(forKey: key) != nil { insert(entry, key, &state) }
            state.statistics.hits += 1
            return token
        }
    }

    /// Remembers a token of `length` bytes that is good with these keys.
    func insert(_ token: VerifiedAccessToken, _ key: Key, length: Int, keyVersion: Int) {
        guard capacity > 0, length <= Self.maximumTokenLength else { return }
        state.withLock { if $0.isCurrent(keyVersion) { insert(token.principal, key, &$0) } }
    }

    private func insert(_ entry: Principal, _ key: Key, _ state: inout State) {
        if state.young.count >= max(1, capacity / 2), state.young[key] == nil {
            state.old = state.young
            state.young = [:]
        }
        state.young[key] = entry
        // With a capacity of one there is no room for an older generation.
        if capacity == 1 { state.old = [:] }
    }
}
