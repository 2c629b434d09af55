import AccessToken
import EngineIO
import EngineIOCore
import GatewayDomain
import JSONScan
import NIOCore
import NIOHTTP1
import SocketIO

/// Decides who may connect, and as whom: on the event loop where nothing has to be waited for, off the loops otherwise.
struct HandshakeAuthenticator: Sendable {
    let verifier: AccessTokenVerifier
    let allowsGuests: Bool
    let readsTokenFromQuery: Bool
    let proxies: TrustedProxies
    let limits: GatewayLimits
    let connections: ConnectionLimiter
    let handshakes: HandshakeLimiter
    let userEvents: UserRateLimiter
    /// The limits that all nodes enforce together; `nil` on a node that works alone.
    let clusterLimits: ClusterLimits?
    let counters: GatewayCounters
    let uptime: @Sendable () -> Duration

    /// An attempt that this node's limit has let through. Left in `request.data` for who goes on with it, so that it is counted once.
    private struct Attempt: Sendable {
        let address: String
    }

    /// The middleware, on the event loop: fills `request.data` with a ``ClientSession``, or refuses. Returns `false` where ``authenticate(_:)``
    /// has to: other nodes are asked, or the token's signature takes too long to check.
    func authenticateAtOnce(_ request: inout ConnectRequest) throws(ConnectError) -> Bool {
        do throws(GatewayError) {
            let attempt = try admit(request)
            guard !limits.areOn || clusterLimits == nil, let principal = try principalAtOnce(of: request) else {
                request.data = attempt
                return false
            }
            request.data = makeSession(request, principal, try acquire(principal, attempt), nil)
            return true
        } catch {
            counters.count(error.code)
            throw error.connectError
        }
    }

    /// The middleware, off the event loops: fills `request.data` with a ``ClientSession``, or refuses.
    func authenticate(_ request: inout ConnectRequest) async throws(ConnectError) {
        do throws(GatewayError) {
            request.data = try await session(request)
        } catch {
            counters.count(error.code)
            throw error.connectError
        }
    }

    private func session(_ request: ConnectRequest) async throws(GatewayError) -> ClientSession {
        let attempt = if let made = request.data as? Attempt { made } else { try admit(request) }
        if limits.areOn, case .refused(let retryAfter)? = await clusterLimits?.attempt(from: attempt.address) {
            throw tooManyAttempts(retryAfter)
        }
        let principal = try await principal(of: request)
        // This node's own counts first: they cost nothing, and hold where Redis does not answer.
        let lease = try acquire(principal, attempt)
        let user = principal.userID
        let clusterLease = limits.areOn ? try await clusterLimits?.acquire(userID: user, address: attempt.address) : nil
        return makeSession(request, principal, lease, clusterLease)
    }

    private func admit(_ request: ConnectRequest) throws(GatewayError) -> Attempt {
        guard limits.areOn else { return Attempt(address: "") }
        let address = limitKey(request)
        if case .refused(let retryAfter) = handshakes.take(address: address, now: uptime()) { throw tooManyAttempts(retryAfter) }
        return Attempt(address: address)
    }

    private func tooManyAttempts(_ retryAfter: Duration) -> GatewayError {
        counters.count(.handshakes)
        return GatewayError(.rateLimited, "too many connection attempts", retryAfter: retryAfter.roundedUpSeconds)
    }

    private func acquire(_ principal: Principal, _ attempt: Attempt) throws(GatewayError) -> ConnectionLease? {
        try limits.areOn ? connections.acquire(userID: principal.userID, address: attempt.address) : nil
    }

    private func makeSession(
        _ request: ConnectRequest,
        _ principal: Principal,
        _ lease: ConnectionLease?,
        _ clusterLease: ClusterLease?
    ) -> ClientSession {
        let now = uptime()
        return ClientSession(
            principal: principal,
            events: TokenBucket(rule: limits.clientEvents, now: now),
            userEvents: limits.areOn ? principal.userID.map { userEvents.bucket(of: $0, now: now) } : nil,
            hasExplicitReceipts: request.auth?.bool("explicitReceipts") == true,
            lease: lease,
            clusterLease: clusterLease
        )
    }

    /// By what the client's address is counted.
    private func limitKey(_ request: ConnectRequest) -> String {
        IPAddress.limitKey(proxies.client(peer: request.remoteAddress, headers: request.handshake?.headers ?? [:]))
    }

    private func principal(of request: ConnectRequest) async throws(GatewayError) -> Principal {
        guard let token = try shownToken(request) else { return .guest }
        return try await principal(of: token)
    }

    private func principalAtOnce(of request: ConnectRequest) throws(GatewayError) -> Principal? {
        guard let token = try shownToken(request) else { return .guest }
        do {
            return try verifier.verifyAtOnce(token)?.principal
        } catch {
            throw GatewayError(error.code, error.message)
        }
    }

    /// The token that a client shows; `nil` for a guest.
    private func shownToken(_ request: ConnectRequest) throws(GatewayError) -> String? {
        if let token = request.auth?["token"], token.kind != .null {
            guard let text = request.auth?.string("token") else { throw GatewayError(.authFailed, "auth.token must be a string") }
            if !text.isEmpty { return text }
        }
        // What else may stand there is for somebody before the gateway.
        if let header = request.handshake?.headers.first(name: "authorization"), header.lowercased().hasPrefix("bearer ") {
            let text = header.dropFirst("bearer ".count).drop { $0 == " " }
            if !text.isEmpty { return String(text) }
        }
        if readsTokenFromQuery, let text = request.handshake?.query["token"], !text.isEmpty { return text }
        guard allowsGuests else { throw GatewayError(.authRequired, "no access token; give one in auth.token") }
        return nil
    }

    /// Whether the token that `principal` showed has been revoked since it was verified.
    ///
    /// Between the verification of a token and the moment from which a revocation finds its connection there is a gap: who closes it asks here,
    /// on the connection's event loop.
    func hasBeenRevoked(_ principal: Principal) -> Bool { VerifiedAccessToken(principal).map(verifier.hasBeenRevoked) ?? false }

    /// Who `token` stands for.
    func principal(of token: String) async throws(GatewayError) -> Principal {
        do {
            return try await verifier.verify(token).principal
        } catch {
            throw GatewayError(error.code, error.message)
        }
    }
}

extension GatewayError {
    /// As `connect_error` shows it. Clients look for `401` and `429` in the message, because a browser never sees the HTTP status.
    var connectError: ConnectError {
        let status = code == .connectionLimit || code == .rateLimited ? "429" : "401"
        let retry = retryAfter.map { ",\"retryAfter\":\($0)" } ?? ""
        return ConnectError(message: "\(status) \(message)", data: "{\"code\":\"\(code.rawValue)\"\(retry)}")
    }
}

extension Principal {
    /// The `user` of `authenticated`.
    var userJSON: String {
        var members = "\"id\":\(JSONString.literal(userID?.rawValue ?? ""))"
        if let role { members += ",\"role\":\(JSONString.literal(role))" }
        return "{\(members)}"
    }
}

extension Duration {
    /// Whole seconds, at least one: a client must not come back too early.
    var roundedUpSeconds: Int { max(1, Int(components.seconds) + (components.attoseconds > 0 ? 1 : 0)) }
}
