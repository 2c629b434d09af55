import AccessToken
import EngineIO
import HTTPTypes
import Hummingbird
import NIOHTTP1

/// Lets in who presents the service token.
struct ServiceAccess: Sendable {
    let token: ServiceToken?

    /// Why a request may not pass.
    private enum Refusal {
        case off, unauthorized

        var status: HTTPResponse.Status { self == .off ? .notFound : .unauthorized }
        var code: String { self == .off ? "NOT_FOUND" : "AUTH_REQUIRED" }
        var message: String {
            switch self {
            case .off: "this is off: no service token is configured (--service-token-file)"
            case .unauthorized: "give the service token as Authorization: Bearer <token>"
            }
        }
    }

    /// `nil` where the request may pass, else the answer that refuses it.
    func refusal(of request: Request) -> Response? {
        refusal(request.headers[.authorization]).map { .failure($0.status, code: $0.code, message: $0.message) }
    }

    /// The same where only the head of the request has come.
    func refusal(of head: HTTPRequestHead) -> FallbackResponse? {
        refusal(head.headers.first(name: "authorization")).map { .failure($0.status, code: $0.code, message: $0.message) }
    }

    private func refusal(_ authorization: String?) -> Refusal? {
        guard token != nil else { return .off }
        return admits(authorization) ? nil : .unauthorized
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
