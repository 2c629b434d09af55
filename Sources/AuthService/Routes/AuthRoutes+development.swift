import GatewayDomain
import HTTPTypes
import Hummingbird

/// The stand-in for Privy. Outside development mode these endpoints answer as if they did not exist.
extension AuthRoutes {
    func describeDevelopment(_ request: Request, context: Context) async throws -> Response {
        guard parts.development != nil else { throw HTTPError(.notFound) }
        return try .json(DevelopmentBody())
    }

    func mintPrivyToken(_ request: Request, context: Context) async throws -> Response {
        guard let development = parts.development else { throw HTTPError(.notFound) }
        let body = try await RequestBodies.read(MintBody.self, from: request, expected: #"{"user": "alice"}"#)
        guard DevelopmentPrivy.isValid(name: body.user) else {
            throw AuthFailure(.invalidMessage, "user must be 1 to 32 lower-case letters, digits and hyphens.")
        }
        return try .json(["privyToken": try development.mint(name: body.user)])
    }
}

private struct DevelopmentBody: Encodable {
    let enabled = true
    let warning = "Development login is on: anyone can log in as anyone. Never use this in production."
}

private struct MintBody: Decodable {
    var user: String
}
