import GatewayDomain

/// Why an access token was refused. Holds nothing of the token, so it may be logged.
public struct AccessTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The two cases a client has to tell apart.
    public enum Kind: Hashable, Sendable {
        /// Everything about the token is right but for its age: the client renews it.
        case expired
        /// The token will never be good. The reason is one of a fixed set of phrases, fit for logs and metric labels.
        case invalid(reason: String)
    }

    /// What is wrong.
    public let kind: Kind

    /// An error of this kind.
    public init(_ kind: Kind) {
        self.kind = kind
    }

    /// The code that the client is told.
    public var code: ErrorCode {
        switch kind {
        case .expired: .tokenExpired
        case .invalid: .authFailed
        }
    }

    /// What the client is told. The reason stays on the server: it would help an attacker more than a client.
    public var message: String {
        switch kind {
        case .expired: "The access token has expired; renew it with the refresh token."
        case .invalid: "The access token is not valid; log in again."
        }
    }

    /// For logs: the kind and its reason.
    public var description: String {
        switch kind {
        case .expired: "access token expired"
        case .invalid(let reason): "access token invalid: \(reason)"
        }
    }

    /// The token names a key that is not known (yet): a set that can be fetched anew may have it by now.
    static let unknownKeyID = Self(.invalid(reason: "unknown key id"))

    static let tooLong = Self(.invalid(reason: "token too long"))

    package static func invalid(_ reason: String) -> Self {
        Self(.invalid(reason: reason))
    }
}
