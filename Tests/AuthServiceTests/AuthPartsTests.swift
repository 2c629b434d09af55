import AccessToken
import Foundation
import HTTPTypes
import Store
import Testing

@testable import AuthService

@Suite struct AuthPartsTests {
    @Test func keysAndUsersOutlastARestart() async throws {
        let fixture = try await AuthFixture()
        let login = try await fixture.parts.sessions.login(
            privyToken: try #require(try fixture.parts.development?.mint(name: "alice")),
            rotates: true
        )
        let successor = try await fixture.parts.sessions.refresh(login.refreshToken, rotates: true).refreshToken
        let again = try await fixture.restarted()
        #expect(try await again.sessions.verify(accessToken: login.accessToken).userID == login.user.id)
        #expect(try await again.sessions.refresh(login.refreshToken, rotates: true).refreshToken == successor)
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.directory.appending(path: name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func whatTheServiceEndsForBeingSlowIsInItsMetrics() async throws {
        let fixture = try await AuthFixture()
        fixture.parts.timeouts.requestTimedOut()
        for _ in 0..<2 { fixture.parts.timeouts.answerTimedOut() }
        #expect(fixture.parts.metrics.contains("\nmoonx_auth_request_timeouts_total 1\n"))
        #expect(fixture.parts.metrics.contains("\nmoonx_auth_answer_timeouts_total 2\n"))
    }

    @Test func refusesConfigurationsThatCannotWork() async throws {
        let cases: [(AuthConfigurationError.Code, @Sendable (inout AuthConfiguration) -> Void)] = [
            (.noIdentityProvider, { $0.isDevelopment = false }),
            (.badLifetime, { $0.accessTokenLifetime = .zero }),
            (.badLifetime, { $0.accessTokenLifetime = .seconds(86_401) }),
            (.badLifetime, { $0.refreshTokenLifetime = .seconds(1) }),
        ]
        for (code, change) in cases {
            let error = await #expect(throws: AuthConfigurationError.self) { _ = try await AuthFixture(change) }
            #expect(error?.code == code)
        }
    }

    @Test func refusesADamagedKeyFile() async throws {
        let fixture = try await AuthFixture()
        try "damaged".write(to: fixture.directory.appending(path: "refresh-token.key"), atomically: true, encoding: .utf8)
        let error = await #expect(throws: AuthConfigurationError.self) { _ = try await fixture.restarted() }
        #expect(error?.code == .badKeyFile)
    }

    @Test func mayUseASharedSecret() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "moonx-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try "0123456789abcdef0123456789abcdef\n".write(to: file, atomically: true, encoding: .utf8)
        let fixture = try await AuthFixture { $0.signingKeys = .sharedSecret(file) }
        try await fixture.run { client in
            let login = try await client.login()
            #expect(try await client.get("verify", bearer: login["accessToken"]).status == .ok)
            #expect((try await client.send(.get, "/.well-known/jwks.json").json["keys"] as? [Any])?.isEmpty == true)
        }
    }
}
