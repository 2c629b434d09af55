/// Who a Privy token says its bearer is.
public struct PrivyIdentity: Hashable, Sendable {
    /// The DID (`did:privy:…`): for the store only, never shown.
    public let did: String
    /// A name to show; Privy's access tokens carry none, development ones do.
    public let displayName: String?
}
