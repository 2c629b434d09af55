import AccessToken
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JWTKit
import Logging
import Testing

@testable import AuthService

/// The other endpoints, CORS, and the server itself.
@Suite struct EndpointTests {
    @Test func developmentEndpointsAnswerInDevelopmentOnly() async throws {
        let development = try await AuthFixture()
        try await development.run { client in
            let answer = try await client.get("development")
            #expect(answer.json["enabled"] as? Bool == true)
            #expect(answer["warning"]?.isEmpty == false)
            for name in ["a", "alice-2", String(repeating: "x", count: 32)] { #expect(try await !client.privyToken(name).isEmpty) }
            for name in ["", "Alice", "a b", "a.b", "é", String(repeating: "x", count: 33)] {
                let refused = try await client.post("development/privy-token", #"{"user":"\#(name)"}"#)
                #expect(refused.status == .badRequest)
                #expect(refused.errorCode == "INVALID_MESSAGE")
            }
        }
        let key = development.directory.appending(path: "development-privy.pem")
        let production = try await AuthFixture {
            $0.isDevelopment = false
            let privateKey = try ES256PrivateKey(pem: String(contentsOf: key, encoding: .utf8))
            let file = development.directory.appending(path: "public.pem")
            try privateKey.publicKey.pemRepresentation.write(to: file, atomically: true, encoding: .utf8)
            $0.privy = .init(appID: "app-1", verificationKey: .pem(file))
        }
        try await production.run { client in
            let hidden = try await client.get("development")
            #expect(hidden.status == .notFound)
            #expect(try await client.post("development/privy-token", #"{"user":"alice"}"#).status == .notFound)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: production.directory.path)
        #expect(!files.contains("development-privy.pem"))
    }

    @Test func publishesItsKeysAndItsHealth() async throws {
        let fixture = try await AuthFixture()
        try await fixture.run { client in
            let jwks = try await client.send(.get, "/.well-known/jwks.json")
            #expect(jwks.status == .ok)
            #expect((jwks.json["keys"] as? [Any])?.count == 1)
            #expect(try await client.send(.get, "/health")["status"] == "ok")
            #expect(fixture.parts.metrics.contains("\nmoonx_logins_failed_total 0\n"))
            let unknown = try await client.get("nothing-here")
            #expect(unknown.status == .notFound)
            #expect(unknown.errorCode == "INVALID_MESSAGE")
        }
    }

    @Test func pagesOfConfiguredOriginsMayCall() async throws {
        let fixture = try await AuthFixture { $0.allowedOrigins = AllowedOrigins(["https://app.example.com"]) }
        try await fixture.run { client in
            func headers(_ origin: String) -> HTTPFields {
                [.origin: origin, .accessControlRequestMethod: "POST"]
            }
            let preflight = try await client.send(.options, "/api/v1/auth/login", headers: headers("https://app.example.com"))
            #expect(preflight.status == .noContent)
            #expect(preflight.headers[.accessControlAllowOrigin] == "https://app.example.com")
            #expect(preflight.headers[.accessControlAllowCredentials] == "true")
            #expect(preflight.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
            #expect(preflight.headers[.vary] == "Origin")
            let foreign = try await client.send(.options, "/api/v1/auth/login", headers: headers("https://evil.example.com"))
            #expect(foreign.headers[.accessControlAllowOrigin] == nil)
            #expect(foreign.headers[.accessControlAllowCredentials] == nil)
            // Errors too, or the page could not read them.
            for path in ["/api/v1/auth/verify", "/nothing"] {
                let failure = try await client.send(.get, path, headers: [.origin: "https://app.example.com"])
                #expect(failure.headers[.accessControlAllowOrigin] == "https://app.example.com")
                #expect(failure.errorCode != nil)
            }
        }
    }

    @Test func originsAreComparedWhole() {
        let origins = AllowedOrigins(["https://App.example.com", "http://localhost:*"])
        for origin in ["https://app.example.com", "http://localhost", "http://localhost:5173"] { #expect(origins.allows(origin)) }
        for origin in [
            "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.org", "null", "", "https://localhost:1",
            "http://localhost:", "http://localhost:x", "http://localhost:1.evil.org", "http://localhost.evil.org:80",
            "http://localhost:123456",
        ] { #expect(!origins.allows(origin)) }
        #expect(AllowedOrigins.localhost.allows("http://[::1]:3000"))
        #expect(!AllowedOrigins().allows("http://localhost"))
    }

    @Test func routesMountOnAnyRouter() async throws {
        let fixture = try await AuthFixture()
        let router = Router(context: BasicRequestContext.self)
        AuthRoutes<BasicRequestContext>(parts: fixture.parts, clientAddress: { _, _ in nil }).add(to: router)
        try await Application(router: router).test(.router) { client in
            let login = try await AuthClient(client: client).login()
            #expect(login.status == .ok)
        }
    }

    @Test func serves() async throws {
        let fixture = try await AuthFixture()
        let application = AuthApplication.make(parts: fixture.parts, host: "127.0.0.1", port: 0, logger: Logger(label: "test"))
        try await application.test(.live) { client in
            let login = try await AuthClient(client: client).login()
            #expect(login.status == .ok)
        }
    }
}
