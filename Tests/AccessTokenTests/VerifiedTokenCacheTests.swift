import Foundation
import GatewayDomain
import Synchronization
import Testing

@testable import AccessToken

/// What is remembered of verified tokens, and what is asked anew each time.
@Suite struct VerifiedTokenCacheTests {
    private func verifier(
        _ workshop: TokenWorkshop,
        _ cache: VerifiedTokenCache = VerifiedTokenCache(),
        now: @escaping @Sendable () -> Double = { TokenWorkshop.now },
        isRevoked: @escaping @Sendable (VerifiedAccessToken) -> Bool = { _ in false }
    ) -> AccessTokenVerifier {
        AccessTokenVerifier(
            keys: workshop.keys,
            rules: AccessTokenRules(issuer: "moonx-auth", audience: "moonx-gateway"),
            cache: cache,
            now: { Date(timeIntervalSince1970: now()) },
            isRevoked: isRevoked
        )
    }

    @Test func aTokenIsVerifiedOnce() async throws {
        let workshop = try await TokenWorkshop()
        let verifier = verifier(workshop)
        let token = try await workshop.token()
        let first = try await verifier.verify(token)
        for _ in 0..<9 { #expect(try await verifier.verify(token) == first) }
        #expect(verifier.cacheStatistics == .init(hits: 9, misses: 1, count: 1))
    }

    @Test func revocationIsAskedEachTime() async throws {
        let workshop = try await TokenWorkshop()
        let list = RevocationList(now: { Date(timeIntervalSince1970: TokenWorkshop.now) })
        let verifier = verifier(workshop, isRevoked: { list.isRevoked($0) })
        let token = try await workshop.token()
        _ = try await verifier.verify(token)
        let now = Int64(TokenWorkshop.now * 1000)
        list.add(Revocation(subject: .token(id: "token-1"), revokedAt: now, expiresAt: now + 900_000))
        for _ in 0..<2 {
            #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(token) } == .invalid(reason: "revoked"))
        }
        #expect(verifier.cacheStatistics.hits == 2)
    }

    @Test func expiryIsLookedAtEachTime() async throws {
        let workshop = try await TokenWorkshop()
        let time = Shared(TokenWorkshop.now)
        let verifier = verifier(workshop, now: { time.value })
        let token = try await workshop.token()
        _ = try await verifier.verify(token)
        time.value += 899.5
        _ = try await verifier.verify(token)
        #expect(verifier.cacheStatistics.hits == 1)
        time.value += 0.5
        #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(token) } == .expired)
        #expect(verifier.cacheStatistics.count == 0)
    }

    @Test func aByteMoreIsAnotherToken() async throws {
        let workshop = try await TokenWorkshop()
        let verifier = verifier(workshop)
        let token = try await workshop.token()
        _ = try await verifier.verify(token)
        let parts = token.split(separator: ".")
        let stripped = "\(parts[0]).\(parts[1])."
        let forged = "\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 7, count: 64)))"
        for other in [token + "=", " " + token, String(token.dropLast()), stripped, forged] {
            #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(other) } != nil)
        }
        #expect(verifier.cacheStatistics.hits == 0)
    }

    @Test func refusedTokensAreNotRemembered() async throws {
        let workshop = try await TokenWorkshop()
        let verifier = verifier(workshop)
        let bad = try await workshop.token(payload: TokenWorkshop.payload(["aud": #""other""#]))
        for _ in 0..<3 { _ = await failure { () throws(AccessTokenError) in try await verifier.verify(bad) } }
        #expect(verifier.cacheStatistics == .init(hits: 0, misses: 3, count: 0))
    }

    @Test func longTokensAreNotRemembered() async throws {
        let workshop = try await TokenWorkshop()
        let verifier = verifier(workshop)
        let payload = TokenWorkshop.payload(["x": "\"\(String(repeating: "x", count: 2048))\""])
        let token = try await workshop.token(payload: payload)
        for _ in 0..<2 { _ = try await verifier.verify(token) }
        #expect(verifier.cacheStatistics == .init(hits: 0, misses: 2, count: 0))
    }

    @Test(arguments: [0, 1, 2, 10, 64])
    func neverHoldsMoreThanItsCapacity(capacity: Int) {
        let cache = VerifiedTokenCache(capacity: capacity)
        for number in 0..<300 {
            cache.insert(token(number), VerifiedTokenCache.key(of: "\(number)"), length: 300, keyVersion: 0)
            #expect(cache.statistics.count <= capacity)
            if capacity > 0 { #expect(cache.find(VerifiedTokenCache.key(of: "\(number)"), keyVersion: 0, now: 0) != nil) }
        }
    }

    @Test func whatIsUsedStays() {
        let cache = VerifiedTokenCache(capacity: 10)
        let often = VerifiedTokenCache.key(of: "often")
        cache.insert(token(0), often, length: 300, keyVersion: 0)
        for number in 1..<300 {
            cache.insert(token(number), VerifiedTokenCache.key(of: "\(number)"), length: 300, keyVersion: 0)
            #expect(cache.find(often, keyVersion: 0, now: 0) == token(0))
        }
        #expect(cache.find(VerifiedTokenCache.key(of: "1"), keyVersion: 0, now: 0) == nil)
    }

    @Test func whatWasVerifiedWithOtherKeysIsNotFound() {
        let cache = VerifiedTokenCache()
        let (first, second) = (VerifiedTokenCache.key(of: "1"), VerifiedTokenCache.key(of: "2"))
        cache.insert(token(1), first, length: 300, keyVersion: 1)
        #expect(cache.find(first, keyVersion: 1, now: 0) == token(1))
        // New keys: all before is forgotten, and who was still at it with the old ones does not bring any of it back.
        #expect(cache.find(first, keyVersion: 2, now: 0) == nil)
        cache.insert(token(1), first, length: 300, keyVersion: 1)
        #expect(cache.find(first, keyVersion: 1, now: 0) == nil)
        #expect(cache.find(first, keyVersion: 2, now: 0) == nil)
        cache.insert(token(2), second, length: 300, keyVersion: 2)
        #expect(cache.find(second, keyVersion: 2, now: 0) == token(2))
        #expect(cache.find(first, keyVersion: 1, now: 0) == nil)
        #expect(cache.find(second, keyVersion: 2, now: 0) == token(2))
        #expect(cache.statistics.count == 1)
    }

    private func token(_ number: Int) -> VerifiedAccessToken {
        VerifiedAccessToken(
            userID: UserID("user-0001")!,
            tokenID: "\(number)",
            role: nil,
            groups: [],
            expiresAt: 1_800_000_000_000,
            issuedAt: nil
        )
    }
}

/// A value that a test changes while others read it.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value {
        get { mutex.withLock { $0 } }
        set { mutex.withLock { $0 = newValue } }
    }
}
