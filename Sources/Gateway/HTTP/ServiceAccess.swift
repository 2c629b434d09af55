import AccessToken
import HTTPTypes
import Hummingbird

/// Lets in who presents the service token.
struct ServiceAccess: Sendable {
    let token: ServiceToken?

    /// `nil` where the request may pass, else the answer that refuses it.
    func refusal(of request: Request) -> Response? {
        guard let token else {
            return .failure(.notFound, code: "NOT_FOUND", message: "this is off: no service token is configured (--service-token-file)")
        }
        guard Self.matches(token, request.headers[.authorization]) else {
            return .failure(.unauthorized, code: "AUTH_REQUIRED", message: "give the service token as Authorization: Bearer <token>")
        }
        return nil
    }

    /// Whether the request with this `Authorization` may pass.
    func admits(_ authorization: String?) -> Bool {
        token.map { Self.matches($0, authorization) } ?? false
    }

    private static func matches(_ token: ServiceToken, _ authorization: String?) -> Bool {
        guard let authorization, authorization.lowercased().hasPrefix("bearer ") else { return false }
        return token.matches(String(authorization.dropFirst("bearer ".count)))
    }
}
