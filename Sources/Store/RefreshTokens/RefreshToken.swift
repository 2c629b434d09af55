import Crypto
import Foundation

/// A refresh token: 256 random bits with a prefix that tells it from an access token. Stored only as its hash.
public struct RefreshToken: Hashable, Sendable, CustomStringConvertible {
    /// How each refresh token begins.
    public static let prefix = "mxr_"
    private static let bodyLength = 43

    /// The text the client holds: a secret.
    public let rawValue: String

    /// The token with this text, or `nil` where it does not look like one.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.prefix.utf8.count + Self.bodyLength else { return nil }
        self.rawValue = text
    }

    /// The token made of 32 bytes.
    init(bytes: some Sequence<UInt8>) {
        let body = Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        self.rawValue = Self.prefix + body
    }

    /// What the store keeps instead of the token. The token has 256 bits of entropy, so a plain hash cannot be guessed back.
    var hash: Data { Data(SHA256.hash(data: Data(rawValue.utf8))) }

    /// The token that replaces this one. Derived, so that a repeated request gets the same successor although only hashes are stored;
    /// keyed, so that nobody who holds an old token can work out the later ones.
    func successor(key: SymmetricKey) -> RefreshToken {
        let input = Data("moonx refresh token successor\0\(rawValue)".utf8)
        return RefreshToken(bytes: HMAC<SHA256>.authenticationCode(for: input, using: key))
    }

    /// Gives nothing away.
    public var description: String { "refresh token" }
}
