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
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer "),
            token.matches(String(header.dropFirst("bearer ".count)))
        else {
            return .failure(.unauthorized, code: "AUTH_REQUIRED", message: "give the service token as Authorization: Bearer <token>")
        }
        return nil
    }
}
