import AccessToken
import EngineIO
import EngineIOCore
import GatewayDomain
import JSONScan
import NIOCore
import NIOHTTP1
import SocketIO

/// Decides who may connect, and as whom. Runs off the event loops.
struct HandshakeAuthenticator: Sendable {
    let verifier: AccessTokenVerifier
    let allowsGuests: Bool
    let readsTokenFromQuery: Bool
    let proxies: TrustedProxies
    let limits: GatewayLimits
    let connections: ConnectionLimiter
    let handshakes: HandshakeLimiter
    let userEvents: UserEventLimiter
    /// The limits that all nodes enforce together; `nil` on a node that works alone.
    let clusterLimits: ClusterLimits?
    let counters: GatewayCounters
    let uptime: @Sendable () -> Duration

    /// The middleware: fills `request.data` with a ``ClientSession``, or refuses.
    func authenticate(_ request: inout ConnectRequest) async throws(ConnectError) {
        do throws(GatewayError) {
            request.data = try await session(request)
        } catch {
            counters.count(error.code)
            throw error.connectError
        }
    }

    private func session(_ request: ConnectRequest) async throws(GatewayError) -> ClientSession {
        let address = limits.areOn ? limitKey(request) : ""
        if limits.areOn, case .refused(let retryAfter) = handshakes.take(address: address, now: uptime()) {
            counters.count(.handshakes)
            throw GatewayError(.rateLimited, "too many connection attempts", retryAfter: retryAfter.roundedUpSeconds)
        }
        if limits.areOn, case .refused(let retryAfter)? = await clusterLimits?.attempt(from: address) {
            counters.count(.handshakes)
            throw GatewayError(.rateLimited, "too many connection attempts", retryAfter: retryAfter.roundedUpSeconds)
        }
        let identity = try await identity(of: request)
        // This node's own counts first: they cost nothing, and hold where Redis does not answer.
        let lease = try limits.areOn ? connections.acquire(userID: identity.principal.userID, address: address) : nil
        let clusterLease = limits.areOn ? try await clusterLimits?.acquire(userID: identity.principal.userID, address: address) : nil
        let now = uptime()
        return ClientSession(
            identity: identity,
            events: TokenBucket(rule: limits.clientEvents, now: now),
            userEvents: limits.areOn ? identity.principal.userID.map { userEvents.bucket(of: $0, now: now) } : nil,
            hasExplicitReceipts: request.auth?.bool("explicitReceipts") == true,
            lease: lease,
            clusterLease: clusterLease
        )
    }

    /// By what the client's address is counted.
    private func limitKey(_ request: ConnectRequest) -> String {
        IPAddress.limitKey(proxies.client(peer: request.remoteAddress, headers: request.handshake?.headers ?? [:]))
    }

    private func identity(of request: ConnectRequest) async throws(GatewayError) -> Identity {
        if let token = request.auth?["token"], token.kind != .null {
            guard let text = request.auth?.string("token") else { throw GatewayError(.authFailed, "auth.token must be a string") }
            if !text.isEmpty { return try await identity(of: text) }
        }
        if let header = request.handshake?.headers.first(name: "authorization") {
            guard header.lowercased().hasPrefix("bearer ") else {
                throw GatewayError(.authFailed, "the Authorization header must be of the form: Bearer <access token>")
            }
            return try await identity(of: String(header.dropFirst("bearer ".count)))
        }
        if readsTokenFromQuery, let text = request.handshake?.query["token"], !text.isEmpty {
            return try await identity(of: text)
        }
        guard allowsGuests else { throw GatewayError(.authRequired, "no access token; give one in auth.token") }
        return .guest
    }

    /// Whether the token that `principal` showed has been revoked since.
    func hasBeenRevoked(_ principal: Principal) -> Bool {
        guard let userID = principal.userID else { return false }
        let token = VerifiedAccessToken(
            userID: userID,
            tokenID: principal.tokenID,
            role: principal.role,
            groups: principal.groups,
            expiresAt: principal.expiresAt ?? 0,
            issuedAt: principal.issuedAt
        )
        return verifier.hasBeenRevoked(token)
    }

    /// Who `token` stands for.
    func identity(of token: String) async throws(GatewayError) -> Identity {
        do {
            let token = try await verifier.verify(token)
            let principal = Principal(
                userID: token.userID,
                role: token.role,
                groups: token.groups,
                tokenID: token.tokenID,
                expiresAt: token.expiresAt,
                issuedAt: token.issuedAt
            )
            return Identity(principal: principal) { verifier.hasBeenRevoked(token) }
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
