import Crypto
import Testing

@testable import Store

@Suite struct RefreshTokenTests {
    private let key = SymmetricKey(data: [UInt8](repeating: 1, count: 32))

    @Test func readsBackWhatItWrites() {
        let token = RefreshToken(bytes: [UInt8](repeating: 255, count: 32))
        #expect(RefreshToken(token.rawValue) == token)
        #expect(token.rawValue.utf8.count == 47)
        #expect("\(token)" == "refresh token")
    }

    @Test(arguments: ["", "mxr_", "mxr_short", "eyJ.eyJ.sig", "xxx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    func refusesOtherText(text: String) {
        #expect(RefreshToken(text) == nil)
    }

    @Test func successorsDependOnTokenAndKey() {
        let token = RefreshToken(bytes: [UInt8](repeating: 1, count: 32))
        let other = RefreshToken(bytes: [UInt8](repeating: 2, count: 32))
        let otherKey = SymmetricKey(data: [UInt8](repeating: 2, count: 32))
        #expect(token.successor(key: key) == token.successor(key: key))
        #expect(token.successor(key: key) != other.successor(key: key))
        #expect(token.successor(key: key) != token.successor(key: otherKey))
        #expect(RefreshToken(token.successor(key: key).rawValue) != nil)
    }
}
