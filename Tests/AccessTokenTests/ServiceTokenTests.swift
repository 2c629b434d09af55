import Foundation
import Testing

@testable import AccessToken

@Suite struct ServiceTokenTests {
    @Test func matchesItselfOnly() throws {
        let token = try ServiceToken("0123456789abcdef")
        #expect(token.matches("0123456789abcdef"))
        for other in ["", "0123456789abcdeF", "0123456789abcde", "0123456789abcdef0"] { #expect(!token.matches(other)) }
        #expect("\(token)" == "service token")
    }

    @Test func comesFromAFileWithoutItsNewline() throws {
        let directory = try TemporaryDirectory()
        #expect(try ServiceToken(file: directory.file("token", "0123456789abcdef\n".utf8)).matches("0123456789abcdef"))
        let file = try directory.file("short", "0123456789abcde\n".utf8)
        #expect(throws: TokenKeyError.self) { try ServiceToken(file: file) }
        let binary = try directory.file("binary", [UInt8](repeating: 0xFF, count: 32))
        #expect(throws: TokenKeyError.self) { try ServiceToken(file: binary) }
    }
}
