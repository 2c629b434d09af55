public import GatewayDomain
public import Logging
import NIOCore
import RESP
public import RedisClient

/// Revocations in Redis: who adds one tells all gateways and auth services, and each reads the whole list at its start and after a cut.
public final class RedisRevocations: RevocationStore {
    private let client: RedisClient
    private let now: @Sendable () -> Int64
    private let logger: Logger

    /// The revocations in the Redis of `client`, which has been started; `now` tells milliseconds since 1970.
    public init(client: RedisClient, now: @escaping @Sendable () -> Int64, logger: Logger) {
        self.client = client
        self.now = now
        self.logger = logger
    }

    /// KEYS: revocations, their subjects by expiry. ARGV: subject, when it was revoked, when that expires, time, channel.
    private static let addition = RedisScript(
        """
        for _, subject in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[4], 'LIMIT', 0, 500)) do
            redis.call('HDEL', KEYS[1], subject)
            redis.call('ZREM', KEYS[2], subject)
        end
        local at, expiry = ARGV[2], ARGV[3]
        local known = redis.call('HGET', KEYS[1], ARGV[1])
        if known then
            local knownAt, knownExpiry = string.match(known, '^(%d+) (%d+)$')
            if tonumber(knownAt) > tonumber(at) then at = knownAt end
            if tonumber(knownExpiry) > tonumber(expiry) then expiry = knownExpiry end
        end
        redis.call('HSET', KEYS[1], ARGV[1], at .. ' ' .. expiry)
        redis.call('ZADD', KEYS[2], expiry, ARGV[1])
        local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
        for i = 1, 2 do redis.call('PEXPIREAT', KEYS[i], string.format('%.0f', tonumber(last))) end
        redis.call('PUBLISH', ARGV[5], at .. ' ' .. expiry .. ' ' .. ARGV[1])
        return redis.status_reply('OK')
        """
    )

    /// See ``RevocationStore``. When it returns, every node that is connected to Redis has been told.
    public func add(_ revocation: Revocation) async throws {
        do {
            _ = try await client.run(
                Self.addition,
                keys: [StateKeys.revocations, StateKeys.revocationExpiry],
                arguments: [
                    .string(revocation.subject.text), "\(revocation.revokedAt)", "\(revocation.expiresAt)", "\(now())",
                    .string(StateKeys.revocationChannel),
                ]
            )
        } catch { throw StoreError(error) }
    }

    /// See ``RevocationStore``.
    public func revocations() async throws -> [Revocation] {
        do { return try await read() } catch { throw StoreError(error) }
    }

    private func read() async throws(RedisError) -> [Revocation] {
        var found: [Revocation] = []
        var cursor = "0"
        let now = self.now()
        repeat {
            let command = RedisCommand("HSCAN", .string(StateKeys.revocations), .string(cursor), "COUNT", 1000, key: StateKeys.revocations)
            guard let parts = try await client.send(command).array, parts.count == 2, let next = parts[0].string else {
                throw RedisError(.protocolViolation, "HSCAN was answered in an unknown way")
            }
            cursor = next
            for pair in parts[1].pairs ?? [] {
                let revocation = pair.value.string.flatMap { Revocation(text: "\($0) \(pair.key.string ?? "")") }
                if let revocation, revocation.expiresAt > now { found.append(revocation) }
            }
        } while cursor != "0"
        return found
    }

    /// Calls `receive` for each revocation in force and for each that comes, until the end of the client. One may come more than once. After
    /// a cut the whole list is read again, so that none is missed.
    ///
    /// - Parameter known: What this process knows, also from elsewhere. Redis is told of what it lacks: it may have lost it, or have been
    ///   away when it was revoked.
    /// - Throws: ``StoreError`` where the list cannot be read: a node that does not know what is revoked must not let anyone in.
    public func listen(
        known: @escaping @Sendable () -> [Revocation] = { [] },
        _ receive: @escaping @Sendable (Revocation) -> Void
    ) async throws {
        do {
            try await client.subscriptions.subscribe(StateKeys.revocationChannel, kind: .channel) { message in
                if let revocation = Revocation(text: String(buffer: message.payload)) { receive(revocation) }
            }
            try await exchange(known, receive)
        } catch { throw error as? StoreError ?? StoreError(code: .unavailable, message: "\(error)") }
        client.subscriptions.onStateChange { [self] state in
            if state == .live { Task { [self] in await exchangeAgain(known, receive) } }
        }
    }

    private func exchange(_ known: @Sendable () -> [Revocation], _ receive: @Sendable (Revocation) -> Void) async throws {
        let found = Set(try await read())
        for revocation in found { receive(revocation) }
        for revocation in known() where !found.contains(revocation) { try await add(revocation) }
    }

    private func exchangeAgain(_ known: @Sendable () -> [Revocation], _ receive: @Sendable (Revocation) -> Void) async {
        while true {
            do { return try await exchange(known, receive) } catch let error as RedisError where error.code == .shutDown { return } catch {
                logger.warning("the revocations could not be read from Redis; trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

extension Revocation {
    /// `<revoked at> <expires at> <subject>`.
    init?(text: String) {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let revokedAt = Int64(parts[0]), let expiresAt = Int64(parts[1]), let subject = Subject(text: parts[2])
        else { return nil }
        self.init(subject: subject, revokedAt: revokedAt, expiresAt: expiresAt)
    }
}

extension Revocation.Subject {
    var text: String {
        switch self {
        case .token(let id): "token:\(id)"
        case .user(let id): "user:\(id)"
        }
    }

    init?(text: some StringProtocol) {
        if text.hasPrefix("token:") {
            self = .token(id: TokenID(String(text.dropFirst("token:".count))))
        } else if text.hasPrefix("user:"), let id = UserID(text.dropFirst("user:".count)) {
            self = .user(id)
        } else {
            return nil
        }
    }
}
