import Foundation
import GatewayDomain
import Testing

@testable import AccessToken

/// The rules for claims, each on a token that is signed rightly.
@Suite struct ClaimsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var changes: [String: String?]
        var outcome: AccessTokenError.Kind?

        init(_ changes: [String: String?], _ outcome: AccessTokenError.Kind? = nil) {
            self.changes = changes
            self.outcome = outcome
        }

        static func refused(_ changes: [String: String?], _ reason: String) -> Case { Case(changes, .invalid(reason: reason)) }

        var testDescription: String { "\(changes.mapValues { $0 ?? "absent" })" }
    }

    @Test(arguments: [
        // No leeway: the second of expiry is too late.
        Case(["exp": "1800000001"]),
        Case(["exp": "1800000000.5"]),
        Case(["exp": "1.8000009e9"]),
        Case(["exp": "1800000000"], .expired),
        Case(["exp": "1799999999.999"], .expired),
        Case(["exp": "0"], .expired),
        // At most 24 h ahead.
        Case(["exp": "1800086400"]),
        Case.refused(["exp": "1800086401"], "exp too far ahead"),
        Case.refused(["exp": "253402300799"], "exp too far ahead"),
        // Neither of its own beginning: 25 h old, and good for 23 h more. Clocks may differ.
        Case.refused(["iat": "1799910000", "exp": "1800082800"], "exp too far ahead"),
        Case(["iat": "1799996400", "exp": "1800082800"]),
        Case(["iat": "1799996100", "exp": "1800082800"]),
        Case.refused(["iat": "1799996099", "exp": "1800082800"], "exp too far ahead"),
        // What has lasted too long is no more than expired.
        Case(["iat": "1799800000", "exp": "1799999999"], .expired),
        Case(["iat": nil, "exp": "1800082800"]),
        // Not a time.
        Case.refused(["exp": nil], "no exp"),
        Case.refused(["exp": "null"], "no exp"),
        Case.refused(["exp": "-1"], "exp is not a time"),
        Case.refused(["exp": "1e300"], "exp is not a time"),
        Case.refused(["exp": "-1e300"], "exp is not a time"),
        Case.refused(["exp": "99999999999999999999999999"], "exp is not a time"),
        Case.refused(["exp": "9223372036854775808"], "exp is not a time"),
        Case.refused(["exp": "1e400"], "malformed claims"),
        Case.refused(["exp": "NaN"], "malformed claims"),
        Case.refused(["exp": "Infinity"], "malformed claims"),
        Case.refused(["exp": #""NaN""#], "malformed claims"),
        Case.refused(["exp": #""1800000900""#], "malformed claims"),
        Case.refused(["exp": "true"], "malformed claims"),
        Case.refused(["exp": "[1800000900]"], "malformed claims"),
        Case.refused(["exp": #"{"exp":1800000900}"#], "malformed claims"),
        // 30 s of leeway for the other two.
        Case(["iat": nil]),
        Case(["iat": "1800000030"]),
        Case.refused(["iat": "1800000031"], "issued in the future"),
        Case.refused(["iat": "1e300"], "iat is not a time"),
        Case.refused(["iat": "-5"], "iat is not a time"),
        Case(["nbf": "1800000030"]),
        Case.refused(["nbf": "1800000030.5"], "not yet valid"),
        Case.refused(["nbf": "-1e19"], "nbf is not a time"),
    ])
    func times(_ test: Case) async throws {
        try await expect(test)
    }

    @Test(arguments: [
        Case.refused(["iss": nil], "wrong issuer"),
        Case.refused(["iss": #""Moonx-auth""#], "wrong issuer"),
        Case.refused(["iss": #"["moonx-auth"]"#], "malformed claims"),
        Case(["aud": #"["other","moonx-gateway"]"#]),
        Case.refused(["aud": nil], "wrong audience"),
        Case.refused(["aud": "[]"], "wrong audience"),
        Case.refused(["aud": #"["other"]"#], "wrong audience"),
        Case.refused(["aud": #""moonx-gateway2""#], "wrong audience"),
        Case.refused(["aud": #"[["moonx-gateway"]]"#], "malformed claims"),
        Case.refused(["type": nil], "type is not access"),
        Case.refused(["type": #""refresh""#], "type is not access"),
        Case.refused(["type": "1"], "malformed claims"),
        Case.refused(["groups": #""admins""#], "malformed claims"),
        Case.refused(["role": "7"], "malformed claims"),
        // What is wrong for good counts before what is merely old.
        Case.refused(["exp": "1", "aud": #""other""#], "wrong audience"),
        Case.refused(["exp": "1", "nbf": "1800009999"], "not yet valid"),
    ])
    func names(_ test: Case) async throws {
        try await expect(test)
    }

    @Test(arguments: [
        Case(["sub": #""did:privy:x""#, "userId": #""user-0001""#]),
        Case(["sub": nil, "userId": #""user-0001""#]),
        Case(["sub": #""user-0001""#, "userId": "null"]),
        Case.refused(["sub": nil], "no valid user id"),
        Case.refused(["sub": #""short""#], "no valid user id"),
        Case.refused(["sub": #""did:privy:abcdefgh""#], "no valid user id"),
        Case.refused(["sub": #""user-0001\u0000""#], "no valid user id"),
        // No falling back to `sub` where `userId` is there but bad.
        Case.refused(["sub": #""user-0001""#, "userId": #""""#], "no valid user id"),
        Case.refused(["userId": "12345678"], "malformed claims"),
    ])
    func users(_ test: Case) async throws {
        try await expect(test)
    }

    @Test func userIDComesBeforeSubject() async throws {
        let workshop = try await TokenWorkshop()
        let payload = TokenWorkshop.payload(["userId": #""USER-0001""#, "role": #""admin""#, "groups": #"["group-one"]"#])
        let verified = try await workshop.verifier().verify(try await workshop.token(payload: payload))
        #expect(verified.userID.rawValue == "USER-0001")
        #expect(verified.role == "admin")
        #expect(verified.groups == ["group-one"])
    }

    @Test func issuerAndAudienceAreFreeWhereNoneIsConfigured() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(payload: TokenWorkshop.payload(["iss": nil, "aud": nil]))
        #expect(try await workshop.verifier(issuer: nil, audience: nil).verify(token).tokenID == "token-1")
        #expect(
            await failure { () throws(AccessTokenError) in try await workshop.verifier(issuer: nil).verify(token) }
                == .invalid(reason: "wrong audience")
        )
    }

    @Test(arguments: [
        (#"{"exp":1800000900,"exp":1800000900}"#, "repeated claims"),
        (#"{"sub":"a","\u0073ub":"b"}"#, "repeated claims"),
        (#"{"x":{"sub":1,"sub":2},"y":[{"a":1,"a":2}]}"#, "type is not access"),
        (#"{}"#, "type is not access"),
        (#"[]"#, "malformed claims"),
        (#""text""#, "malformed claims"),
        ("", "malformed claims"),
        (#"{"type":"access"}{}"#, "malformed claims"),
        (String(repeating: "[", count: 3000), "malformed claims"),
    ])
    func oddPayloads(payload: String, reason: String) async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(payload: payload)
        #expect(await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) } == .invalid(reason: reason))
    }

    private func expect(_ test: Case) async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token(payload: TokenWorkshop.payload(test.changes))
        #expect(await failure { () throws(AccessTokenError) in try await workshop.verifier().verify(token) } == test.outcome)
    }
}
