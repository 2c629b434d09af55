import Foundation
import Testing

@testable import AccessToken

/// What is read without Foundation must mean the same to it.
@Suite("Claims as they are read")
struct ClaimsReadingTests {
    private static let names = ["sub", "userId", "iss", "aud", "exp", "iat", "nbf", "jti", "type", "role", "groups"]
    private static let values = [
        #""text""#, #""""#, #""é\u00e9\"\\""#, "null", "1", "0", "-1.5", "1e3", "1700000000.25", "true", "[]", #"["a"]"#, #"["a","b"]"#,
        #"["a",1]"#,
        "[null]", "{}", #"{"a":1}"#,
    ]

    @Test(arguments: names)
    func eachClaimWithEachKindOfValue(_ name: String) {
        for value in Self.values {
            let json = Array(#"{"x":1,"\#(name)":\#(value),"y":[]}"#.utf8)
            let expected = try? JSONDecoder().decode(AccessTokenClaims.self, from: Data(json))
            #expect((try? AccessTokenClaims(json: json)) == expected, "\(name): \(value)")
        }
    }

    @Test(arguments: ["", "{", "[]", "null", "{}x", "{\"sub\":}", "{\"sub\":\"a\"", "{'sub':1}", "{\"exp\":01}", "{\"exp\":1.}"])
    func whatIsNoObjectIsMalformed(_ text: String) {
        #expect(throws: AccessTokenError.invalid("malformed claims")) { try AccessTokenClaims(json: Array(text.utf8)) }
    }

    @Test func textThatIsNotUTF8IsMalformed() {
        #expect((try? AccessTokenClaims(json: Array(#"{"sub":"a"}"#.utf8))) != nil)
        let json = Array(#"{"sub":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(throws: AccessTokenError.invalid("malformed claims")) { try AccessTokenClaims(json: json) }
    }

    @Test func aNumberThatNoDoubleHoldsIsMalformed() {
        #expect((try? AccessTokenClaims(json: Array(#"{"exp":1e300}"#.utf8)))?.expiresAt == 1e300)
        #expect(throws: AccessTokenError.invalid("malformed claims")) { try AccessTokenClaims(json: Array(#"{"exp":1e400}"#.utf8)) }
    }
}
