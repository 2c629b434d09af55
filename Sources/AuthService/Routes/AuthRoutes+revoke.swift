import AccessToken
import GatewayDomain
import Hummingbird

/// Revocation, for operators and trusted services.
extension AuthRoutes {
    private static var expectedBody: String { #"{"userId": "…"} or {"jti": "…"}"# }

    func revoke(_ request: Request, context: Context) async throws -> Response {
        try await parts.failedLogins.attempt(from: address(of: request, context)) {
            try authorizeService(request)
        }
        let body = try await RequestBodies.read(RevokeBody.self, from: request, expected: Self.expectedBody)
        let revocation = try await parts.sessions.revoke(try Self.subject(userID: body.userId, tokenID: body.jti))
        return try .json(["revokedAt": revocation.revokedAt])
    }

    private func authorizeService(_ request: Request) throws(AuthFailure) {
        guard let serviceToken = parts.configuration.serviceToken else {
            throw AuthFailure(.accessDenied, "Revocation over HTTP is off, because no service token is configured.")
        }
        guard let candidate = request.bearerToken else {
            throw AuthFailure(.authRequired, "Send the service token as Authorization: Bearer.")
        }
        guard serviceToken.matches(candidate) else { throw AuthFailure(.authFailed, "The service token is wrong.") }
    }

    private static func subject(userID: String?, tokenID: String?) throws(AuthFailure) -> Revocation.Subject {
        switch (userID, tokenID) {
        case (let text?, nil):
            guard let userID = UserID(text) else {
                throw AuthFailure(.invalidMessage, "userId must be 8 to 64 letters, digits and hyphens.")
            }
            return .user(userID)
        case (nil, let tokenID?):
            guard (1...128).contains(tokenID.utf8.count) else {
                throw AuthFailure(.invalidMessage, "jti must have 1 to 128 bytes.")
            }
            return .token(id: TokenID(tokenID))
        default:
            throw AuthFailure(.invalidMessage, "The body must be JSON like \(expectedBody).")
        }
    }
}

private struct RevokeBody: Decodable {
    var userId: String?
    var jti: String?
}
