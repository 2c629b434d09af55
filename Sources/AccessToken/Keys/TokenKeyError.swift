import Foundation

/// Why keys could not be loaded, or a token not be signed. The message says what to do; it holds no secret.
public struct TokenKeyError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// A file cannot be read or written, or a URL not be fetched.
        case unreadable
        /// A file or document is not what it should be.
        case malformed
        /// A secret has too few bytes.
        case secretTooShort
        /// A key set has no key that can be used.
        case noUsableKey
        /// The keys only verify.
        case cannotSign
        /// A lifetime that is not positive.
        case badLifetime
    }

    /// What is wrong.
    public let code: Code
    /// What is wrong and what to do, for the operator.
    public let message: String

    /// The message.
    public var description: String { message }

    static func unreadable(_ file: URL, _ detail: String) -> Self {
        Self(code: .unreadable, message: "cannot use \(file.path): \(detail); check that it exists and that this user may use it")
    }

    static func malformed(file: URL, _ detail: String) -> Self {
        malformed(file.path, detail)
    }

    static func malformed(_ source: String, _ detail: String) -> Self {
        Self(code: .malformed, message: "\(source) cannot be used: \(detail)")
    }

    static func secretTooShort(what: String, length: Int, minimum: Int) -> Self {
        Self(
            code: .secretTooShort,
            message: "\(what) has \(length) bytes, but needs at least \(minimum); make one with: openssl rand -hex 32"
        )
    }

    static func noUsableKey(_ source: String) -> Self {
        Self(
            code: .noUsableKey,
            message: "\(source) has no key that can verify access tokens; it needs at least one ES256, EdDSA or RS256 signature key"
        )
    }

    static func notFetched(_ source: String, _ detail: String) -> Self {
        Self(code: .unreadable, message: "the keys at \(source) cannot be fetched: \(detail)")
    }

    static let cannotSign = Self(
        code: .cannotSign,
        message: "these keys can only verify tokens; to issue tokens, use the generated key pair or --jwt-secret-file"
    )

    static let badLifetime = Self(code: .badLifetime, message: "the lifetime of a token must be positive")
}
