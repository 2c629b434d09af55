import Crypto
import Foundation

/// The secret by which trusted services (publishers, operators) are known. Kept as a hash and compared in constant time.
public struct ServiceToken: Sendable, CustomStringConvertible {
    private let digest: SHA256.Digest

    /// The fewest bytes a service token may have.
    public static let minimumLength = 16

    /// A token with this text.
    ///
    /// - Throws: ``TokenKeyError`` with code `secretTooShort` below ``minimumLength`` bytes.
    public init(_ text: String) throws(TokenKeyError) {
        guard text.utf8.count >= Self.minimumLength else {
            throw .secretTooShort(what: "the service token", length: text.utf8.count, minimum: Self.minimumLength)
        }
        self.digest = SHA256.hash(data: Data(text.utf8))
    }

    /// The token in a file, less one trailing newline.
    ///
    /// - Throws: ``TokenKeyError`` with code `unreadable`, `malformed` (no UTF-8) or `secretTooShort`.
    public init(file: URL) throws(TokenKeyError) {
        let bytes = try SecretFile.read(file)
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            throw .malformed(file: file, "it is not UTF-8 text")
        }
        try self.init(text)
    }

    /// Whether the candidate is the token. Hashing both sides first makes the comparison take the same time whatever the candidate's
    /// length and contents (swift-crypto compares digests in constant time).
    public func matches(_ candidate: String) -> Bool {
        SHA256.hash(data: Data(candidate.utf8)) == digest
    }

    /// Gives nothing away.
    public var description: String { "service token" }
}
