import AccessToken
import Foundation
import GatewayDomain
import HTTPTypes
import Hummingbird
import NIOCore
import Store

extension Response {
    /// A JSON document. What carries tokens or depends on them must not be stored by caches on the way.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .json(bytes: try encoder.encode(value), status: status, headers: headers)
    }

    static func json(bytes: Data, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// `{"error": {"code", "message"}}`.
struct ErrorBody: Codable {
    struct Content: Codable {
        var code: String
        var message: String
    }

    var error: Content
}

/// What login and refresh answer.
struct TokensBody: Codable {
    var accessToken: String
    var refreshToken: String
    /// Seconds.
    var expiresIn: Int64
    var tokenType: String
    var user: UserBody

    init(_ tokens: AuthTokens) {
        accessToken = tokens.accessToken
        refreshToken = tokens.refreshToken.rawValue
        expiresIn = tokens.expiresIn.components.seconds
        tokenType = "Bearer"
        user = UserBody(tokens.user)
    }
}

/// A user as clients see it.
struct UserBody: Codable {
    var id: String
    var displayName: String?
    /// Milliseconds since 1970.
    var createdAt: Int64?
    var role: String?
    var groups: [String]?

    init(_ user: User) {
        id = user.id.rawValue
        displayName = user.displayName
        createdAt = user.createdAt
    }

    init(_ token: VerifiedAccessToken) {
        id = token.userID.rawValue
        role = token.role
        groups = token.groups.isEmpty ? nil : token.groups
    }
}
