import AccessToken
import HTTPTypes
import Hummingbird

/// The HTTP endpoints of the auth service, for any Hummingbird router: its own on port 3001, and the gateway's.
///
/// CORS is the router's business: see ``CORSHeadersMiddleware``.
public struct AuthRoutes<Context: RequestContext>: Sendable {
    let parts: AuthParts
    let clientAddress: @Sendable (Request, Context) -> String?

    /// Endpoints for these parts. `clientAddress` says from which address a request comes, once proxies are accounted for; requests of
    /// which it knows nothing share one limit on failed logins.
    public init(parts: AuthParts, clientAddress: @escaping @Sendable (Request, Context) -> String?) {
        self.parts = parts
        self.clientAddress = clientAddress
    }

    /// Adds `/api/v1/auth/*` and `/.well-known/jwks.json`. Errors are answered as `{"error": {"code", "message"}}`.
    public func add(to router: some RouterMethods<Context>) {
        let routes = router.group().add(middleware: AuthErrorMiddleware())
        let auth = routes.group("/api/v1/auth")
        auth.post("login", use: login)
        auth.post("refresh", use: refresh)
        auth.post("logout", use: logout)
        auth.post("revoke", use: revoke)
        auth.get("verify", use: verify)
        auth.get("development", use: describeDevelopment)
        auth.post("development/privy-token", use: mintPrivyToken)
        routes.get("/.well-known/jwks.json", use: jwks)
    }

    /// Adds `/health`, for a server that has none of its own.
    public func addHealth(to router: some RouterMethods<Context>) {
        router.get("/health") { _, _ in
            try Response.json(["status": "ok", "service": "auth"])
        }
    }

    private func jwks(_ request: Request, context: Context) -> Response {
        .json(bytes: parts.keys.publicJWKS, headers: [.cacheControl: "public, max-age=300"])
    }
}
