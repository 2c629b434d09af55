import Foundation
import GatewayDomain
import HTTPTypes
import Testing

@testable import AccessToken

/// Key sets over HTTP, from a server that is real.
@Suite struct KeySetDownloadTests {
    @Test func keysAreRotatedWithoutARestart() async throws {
        let old = try await TokenWorkshop()
        let new = try await TokenWorkshop()
        let oldToken = try await old.token()
        let newToken = try await new.token()
        try await KeySetServer.run { server, url in
            try server.serve(old.keys)
            let keys = try await RemoteKeySet.load(url: url, rules: RemoteKeySetRules(minimumInterval: .zero))
            let verifier = old.verifier(keys: keys)
            #expect(try await verifier.verify(oldToken).tokenID == "token-1")

            // The new key is found because a token names it.
            try server.serve(old.keys, new.keys)
            #expect(try await verifier.verify(newToken).tokenID == "token-1")
            #expect(try await verifier.verify(oldToken).tokenID == "token-1")
            #expect(server.requests == 2)

            // The old key stops working once the set has been fetched without it.
            try server.serve(new.keys)
            await keys.refresh()
            #expect(
                await failure { () throws(AccessTokenError) in try await verifier.verify(oldToken) } == .invalid(reason: "unknown key id")
            )
            #expect(try await verifier.verify(newToken).tokenID == "token-1")
        }
    }

    @Test func theLastGoodSetOutlivesAServerInTrouble() async throws {
        let workshop = try await TokenWorkshop()
        let token = try await workshop.token()
        try await KeySetServer.run { server, url in
            try server.serve(workshop.keys)
            let keys = try await RemoteKeySet.load(url: url, rules: RemoteKeySetRules(maximumSize: 4096))
            let verifier = workshop.verifier(keys: keys)
            let troubles: [KeySetServer.Behaviour] = [
                .answer(.internalServerError, "{}"), .answer(.notFound, ""), .answer(.ok, "<html>"), .answer(.ok, #"{"keys":[]}"#),
                .redirect(to: "/elsewhere"), .flood,
            ]
            for (index, trouble) in troubles.enumerated() {
                server.behave(trouble)
                await keys.refresh()
                #expect(keys.statistics.failures == index + 1, "\(trouble)")
                #expect(try await verifier.verify(token).tokenID == "token-1")
            }
            #expect(keys.statistics.changes == 0)
        }
    }

    @Test func aStartWithoutKeysFails() async throws {
        try await KeySetServer.run { server, url in
            server.behave(.answer(.serviceUnavailable, ""))
            let error = await #expect(throws: TokenKeyError.self) { try await RemoteKeySet.load(url: url) }
            #expect(error?.code == .unreadable)
            #expect(error?.message == "the keys at \(url.absoluteString) cannot be fetched: the answer is 503, not 200")
            server.behave(.answer(.ok, #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#))
            let second = await #expect(throws: TokenKeyError.self) { try await RemoteKeySet.load(url: url) }
            #expect(second?.code == .malformed)
        }
        // Nobody listens on port 1.
        let nowhere = try #require(URL(string: "http://127.0.0.1:1/jwks.json"))
        let third = await #expect(throws: TokenKeyError.self) { try await RemoteKeySet.load(url: nowhere) }
        #expect(third?.code == .unreadable)
    }

    @Test func boundsTheTime() async throws {
        try await KeySetServer.run { server, url in
            server.behave(.silence)
            let rules = RemoteKeySetRules(timeout: .seconds(3))
            await #expect(throws: (any Error).self) { try await KeySetDownload.get(url, rules: rules) }
            #expect(server.requests == 1)
        }
    }

    @Test func boundsTheTimeOfABodyThatDoesNotEnd() async throws {
        try await KeySetServer.run { server, url in
            server.behave(.stall)
            let rules = RemoteKeySetRules(timeout: .seconds(3))
            await #expect(throws: DeadlineError.self) { try await KeySetDownload.get(url, rules: rules) }
        }
    }

    @Test func boundsTheSize() async throws {
        try await KeySetServer.run { server, url in
            server.behave(.answer(.ok, String(repeating: " ", count: 1000)))
            let document = try await KeySetDownload.get(url, rules: RemoteKeySetRules(maximumSize: 1000))
            #expect(document.count == 1000)
            let error = await #expect(throws: KeySetDownload.Failure.self) {
                try await KeySetDownload.get(url, rules: RemoteKeySetRules(maximumSize: 999))
            }
            #expect(error?.description == "the document has more than 999 bytes")
        }
    }

    @Test func logsShowNoCredentials() throws {
        let url = try #require(URL(string: "https://user:password@keys.example/jwks.json?key=secret"))
        #expect(KeySetDownload.shownName(of: url) == "https://keys.example/jwks.json")
    }
}
