import GatewayDomain

extension Revocation {
    /// Whether this revocation ends the token. A token that does not say when it was issued is ended by any revocation of its user.
    public func applies(to token: VerifiedAccessToken) -> Bool {
        switch subject {
        case .token(let id): token.tokenID == id
        case .user(let userID): token.userID == userID && (token.issuedAt ?? .min) <= revokedAt
        }
    }
}
