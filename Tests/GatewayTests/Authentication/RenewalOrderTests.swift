import AccessToken
import EngineIOCore
import Foundation
import GatewayDomain
import JSONScan
import NIOCore
import SocketIOClient
import Synchronization
import Testing

@testable import Gateway

/// What happens when a renewal takes its time: the answers keep their order, and rooms that were asked for before it are looked at after it.
@Suite("Renewals under way", .timeLimit(.minutes(1)))
struct RenewalOrderTests {
    /// Knows the gateway's keys, and others for whoever waits until they are let through.
    private final class SlowKeys: TokenKeySource {
        private let known = Mutex<TokenKeys?>(nil)
        private let slow: TokenKeys
        private let waiting = AsyncStream<CheckedContinuation<Void, Never>>.makeStream()

        init(slow: TokenKeys) { self.slow = slow }

        func with(_ keys: TokenKeys) -> SlowKeys {
            known.withLock { $0 = keys }
            return self
        }

        var snapshot: TokenKeySnapshot { TokenKeySnapshot(keys: known.withLock { $0 } ?? slow, version: 0) }

        func newerSnapshot(than version: Int) async -> TokenKeySnapshot? {
            await withCheckedContinuation { waiting.continuation.yield($0) }
            return TokenKeySnapshot(keys: slow, version: 1)
        }

        /// Somebody who waits, as soon as there is somebody.
        func next() async -> CheckedContinuation<Void, Never>? {
            for await waiter in waiting.stream { return waiter }
            return nil
        }
    }

    /// A token of alice's whose verification takes until ``SlowKeys`` lets it through.
    private func slowToken(_ keys: TokenKeys, groups: [String]) async throws -> String {
        let issuer = try AccessTokenIssuer(keys: keys, issuer: "tests", audience: "gateway")
        return try await issuer.issue(userID: try #require(UserID(TestGateway.alice)), groups: groups, lifetime: .seconds(900)).token
    }

    private func slowKeys(_ body: (SlowKeys, TokenKeys) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "gateway-tests-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let keys = try await TokenKeys.keyPair(file: directory.appending(path: "slow.pem"))
        try await body(SlowKeys(slow: keys), keys)
    }

    @Test func theTokenSentLastIsInForceThoughTheOneBeforeTookLonger() async throws {
        try await slowKeys { source, slow in
            try await TestGateway.run({ $0.roomPolicy.groups = .claims }, keys: { source.with($0) }) { gateway in
                let client = try await gateway.connect()
                let first = try await slowToken(slow, groups: ["first-group"])
                let second = try await gateway.token(TestGateway.alice, groups: ["other-group"])
                try await client.emit("authenticate", json: "{\"token\":\"\(first)\"}")
                let waiter = try #require(await source.next())
                try await client.emit("authenticate", json: "{\"token\":\"\(second)\"}")
                // The second has been looked at by now, and waits for the first: no answer comes before that of `ping`.
                while try await gateway.metric("moonx_token_cache_entries") != 2 {}
                _ = try await client.ask("ping")
                #expect(try await client.next().hasPrefix("pong "))
                waiter.resume()
                for _ in 0..<2 { #expect(try await client.next() == #"authenticated {"user":{"id":"alice-0001"}}"#) }
                #expect(try await client.refusal("join_room", #"{"room":"group:first-group"}"#) == "ACCESS_DENIED")
                try await client.joined("group:other-group")
                await client.disconnect()
            }
        }
    }

    @Test func aBoundedNumberIsVerifiedAtATime() async throws {
        try await slowKeys { source, slow in
            try await TestGateway.run(keys: { source.with($0) }) { gateway in
                let client = try await gateway.connect()
                let token = try await slowToken(slow, groups: [])
                for _ in 0..<Authenticate.maximumPending { try await client.emit("authenticate", json: "{\"token\":\"\(token)\"}") }
                var waiters: [CheckedContinuation<Void, Never>] = []
                while waiters.count < Authenticate.maximumPending { waiters.append(try #require(await source.next())) }
                #expect(try await client.refusal("authenticate", "{\"token\":\"\(token)\"}") == "RATE_LIMITED")
                waiters.forEach { $0.resume() }
                for _ in waiters { _ = try await client.next("authenticated") }
                await client.disconnect()
            }
        }
    }

    @Test func aJoinUnderWayIsLookedAtAgain() async throws {
        try await TestGateway.run {
            $0.roomPolicy.groups = .claims
        } _: { gateway in
            let client = try await clientApartFromTheRouter(gateway)
            let token = try await gateway.token(TestGateway.alice, groups: ["other-group"])
            // The join goes by way of the router's loop, which stands still until the new token is in force.
            let gate = DispatchSemaphore(value: 0)
            let routerLoop = try #require(gateway.group.makeIterator().first { _ in true })
            routerLoop.execute { gate.wait() }
            for room in ["group:first-group", "group:other-group"] { try await client.emit("join_room", json: "{\"room\":\"\(room)\"}") }
            let answer = try await client.ask("authenticate", "{\"token\":\"\(token)\"}")
            gate.signal()
            #expect(answer.hasPrefix(#"{"ok":true"#))
            _ = try await client.next("authenticated")
            #expect(try await client.next("error").string("code") == "ACCESS_DENIED")
            #expect(try await client.next() == #"room_joined {"room":"group:other-group"}"#)
            #expect(try await gateway.metric("moonx_rooms_with_members") == 1)
            await client.disconnect()
        }
    }

    /// A client whose socket is not on the router's loop.
    private func clientApartFromTheRouter(_ gateway: TestGateway) async throws -> SocketIOClient {
        while true {
            let client = try await gateway.connect(groups: ["first-group", "other-group"])
            if let loop = SessionID(client.parameters.sid)?.loopIndex, loop != 0 { return client }
            await client.disconnect()
        }
    }
}
