import GatewayDomain

/// What the claims of a good access token must be. A value without a clock: the caller says what time it is.
public struct AccessTokenRules: Hashable, Sendable {
    /// The `iss` demanded; `nil` takes any and none.
    public var issuer: String?
    /// The name that `aud` must hold; `nil` takes any and none.
    public var audience: String?
    /// How far ahead `exp` may lie, of the present and, where there is an `iat`, of that.
    public var maxLifetime: Duration
    /// By how many seconds issuers may date `iat` back, for clocks that differ.
    private static let backdating = 300.0
    /// How far ahead `nbf` and `iat` may lie, for clocks that differ. There is none for `exp`.
    public var leeway: Duration

    /// Rules; by default `exp` lies at most 24 h ahead, and clocks may differ by 30 s.
    public init(issuer: String?, audience: String?, maxLifetime: Duration = .seconds(86_400), leeway: Duration = .seconds(30)) {
        self.issuer = issuer
        self.audience = audience
        self.maxLifetime = maxLifetime
        self.leeway = leeway
    }

    /// What the claims say, if they keep the rules. `now` is in seconds since 1970.
    ///
    /// Expiry is looked at last, so that `expired` means: renew it, and all is well.
    func check(_ claims: AccessTokenClaims, now: Double) throws(AccessTokenError) -> VerifiedAccessToken {
        guard claims.type == AccessTokenClaims.accessType else { throw .invalid("type is not access") }
        if let issuer, claims.issuer != issuer { throw .invalid("wrong issuer") }
        if let audience, claims.audience?.contains(audience) != true { throw .invalid("wrong audience") }
        guard let userID = UserID(claims.userID ?? claims.subject ?? "") else { throw .invalid("no valid user id") }

        guard let expiry = claims.expiresAt else { throw .invalid("no exp") }
        let expiresAt = try Self.milliseconds(expiry, invalid: "exp is not a time")
        if expiry > now + maxLifetime.inSeconds { throw .invalid("exp too far ahead") }

        var issuedAt: Int64?
        if let time = claims.issuedAt {
            issuedAt = try Self.milliseconds(time, invalid: "iat is not a time")
            if time > now + leeway.inSeconds { throw .invalid("issued in the future") }
        }
        if let time = claims.notBefore {
            _ = try Self.milliseconds(time, invalid: "nbf is not a time")
            if time > now + leeway.inSeconds { throw .invalid("not yet valid") }
        }
        if expiry <= now { throw AccessTokenError(.expired) }
        // Else a token of two days would be refused for one and good for the next, when a revocation of its user is forgotten.
        if let time = claims.issuedAt, expiry - time > maxLifetime.inSeconds + Self.backdating { throw .invalid("exp too far ahead") }

        return VerifiedAccessToken(
            userID: userID,
            tokenID: claims.tokenID.map { TokenID($0) },
            role: claims.role,
            groups: claims.groups ?? [],
            expiresAt: expiresAt,
            issuedAt: issuedAt
        )
    }

    /// Whole milliseconds. The bounds (the years 1970 to 9999) keep the conversion from trapping on huge and non-finite numbers.
    private static func milliseconds(_ seconds: Double, invalid reason: String) throws(AccessTokenError) -> Int64 {
        guard seconds.isFinite, (0...253_402_300_799).contains(seconds) else { throw .invalid(reason) }
        return Int64((seconds * 1000).rounded())
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
