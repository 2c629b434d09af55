/// Where the keys come from that verify tokens: fixed ``TokenKeys``, or a ``RemoteKeySet`` that changes while the program runs.
public protocol TokenKeySource: Sendable {
    /// The keys in force. Never waits.
    var snapshot: TokenKeySnapshot { get }

    /// Keys newer than that version, for a token that names a key it does not have. May wait for a bounded time, and may refuse to look:
    /// anyone can write any key id into a token.
    ///
    /// - Returns: `nil` where there are none.
    func newerSnapshot(than version: Int) async -> TokenKeySnapshot?
}

/// The keys in force at one moment.
public struct TokenKeySnapshot: Sendable {
    /// The keys.
    public let keys: TokenKeys
    /// Rises with each change of the set: what was verified with an older version may no longer be good.
    public let version: Int

    /// These keys as this version of their set.
    public init(keys: TokenKeys, version: Int) {
        self.keys = keys
        self.version = version
    }
}

extension TokenKeys: TokenKeySource {
    /// These keys.
    public var snapshot: TokenKeySnapshot { TokenKeySnapshot(keys: self, version: 0) }

    /// There are never any.
    public func newerSnapshot(than version: Int) async -> TokenKeySnapshot? { nil }
}

extension TokenKeySource {
    /// The payload of a token whose signature is right, and the version of the keys that say so. Claims are for the caller to judge. With
    /// `required`, other algorithms are refused even where there is a key for them.
    ///
    /// - Throws: ``AccessTokenError`` of kind `invalid`.
    package func verifiedPayload(
        of text: String,
        required: TokenAlgorithm? = nil
    ) async throws(AccessTokenError) -> (payload: [UInt8], version: Int) {
        let token = try CompactToken(text)
        let known = snapshot
        do {
            return (try known.keys.verifiedPayload(of: token, required: required), known.version)
        } catch {
            guard error == .unknownKeyID, let newer = await newerSnapshot(than: known.version) else { throw error }
            return (try newer.keys.verifiedPayload(of: token, required: required), newer.version)
        }
    }
}
