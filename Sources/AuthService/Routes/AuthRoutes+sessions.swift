import AccessToken
import GatewayDomain
import Hummingbird
import Store

/// Login, refresh, logout, verify.
extension AuthRoutes {
    func login(_ request: Request, context: Context) async throws -> Response {
        let body = try await RequestBodies.read(LoginBody.self, from: request, expected: #"{"privyToken": "…", "rotation": false}"#)
        let tokens = try await parts.failedLogins.attempt(from: address(of: request, context)) {
            try await parts.sessions.login(privyToken: body.privyToken, rotates: body.rotation ?? false)
        }
        return try .json(TokensBody(tokens))
    }

    func refresh(_ request: Request, context: Context) async throws -> Response {
        let body = try await RequestBodies.readIfPresent(RefreshBody.self, from: request, expected: RefreshBody.example)
        // The header may hold the access token, as with every other request of a client.
        let shown = [request.bearerToken, body?.refreshToken].compactMap { $0 }
        guard let text = shown.first(where: { RefreshToken($0) != nil }) ?? shown.first else {
            throw AuthFailure(.authRequired, "Send the refresh token as Authorization: Bearer or as \(RefreshBody.example).")
        }
        let tokens = try await parts.failedLogins.attempt(from: address(of: request, context)) {
            guard let token = RefreshToken(text) else {
                throw AuthFailure(.authFailed, "That is not a refresh token of this service; log in again.")
            }
            return try await parts.sessions.refresh(token, rotates: body?.rotation ?? false)
        }
        return try .json(TokensBody(tokens))
    }

    func logout(_ request: Request, context: Context) async throws -> Response {
        let body = try await RequestBodies.readIfPresent(RefreshBody.self, from: request, expected: RefreshBody.example)
        let tokens = [request.bearerToken, body?.refreshToken].compactMap { $0 }
        guard !tokens.isEmpty else {
            throw AuthFailure(
                .authRequired,
                "Send the refresh token or the access token as Authorization: Bearer, or the refresh token as \(RefreshBody.example)."
            )
        }
        // Before anything is ended: who is told that it failed must find all as it was.
        if let text = body?.refreshToken, request.bearerToken != nil, RefreshToken(text) == nil {
            throw AuthFailure(.authFailed, "The refreshToken is not one of this service; send the right one, or the header alone.")
        }
        // The refresh token first: with the access token first, its session would be gone, and the refresh token unknown.
        let refreshTokens = tokens.compactMap { RefreshToken($0) }
        if !refreshTokens.isEmpty {
            for token in refreshTokens { try await parts.sessions.logout(token) }
        } else {
            for token in tokens { try await parts.sessions.logout(accessToken: token) }
        }
        return try .json(["loggedOut": true])
    }

    func verify(_ request: Request, context: Context) async throws -> Response {
        guard let text = request.bearerToken else {
            throw AuthFailure(.authRequired, "Send the access token as Authorization: Bearer.")
        }
        let token = try await parts.sessions.verify(accessToken: text)
        return try .json(VerifyBody(user: UserBody(token), expiresAt: token.expiresAt))
    }

    func address(of request: Request, _ context: Context) -> String {
        clientAddress(request, context) ?? "unknown"
    }
}

/// The body of refresh and logout.
private struct RefreshBody: Decodable {
    static let example = #"{"refreshToken": "…"}"#

    var refreshToken: String?
    var rotation: Bool?
}

private struct LoginBody: Decodable {
    var privyToken: String
    var rotation: Bool?
}

private struct VerifyBody: Encodable {
    let valid = true
    var user: UserBody
    /// Milliseconds since 1970.
    var expiresAt: Int64
}
