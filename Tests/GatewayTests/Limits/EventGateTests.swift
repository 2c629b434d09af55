import GatewayDomain
import SocketIOClient
import Testing

@testable import Gateway

@Suite("EventGate", .timeLimit(.minutes(1)))
struct EventGateTests {
    private static let refusal = #"{"ok":false,"code":"RATE_LIMITED","message":"too many events; slow down","retryAfter":1}"#
    private static let notice =
        #"error {"code":"RATE_LIMITED","message":"too many events; slow down","retryAfter":1,"event":"work"}"#

    private func limits(refusals: Int = 1000) -> GatewayLimits {
        var limits = GatewayLimits()
        limits.clientEvents = TokenBucket.Rule(rate: 1, burst: 2)
        limits.refusedEventsBeforeDisconnect = refusals
        return limits
    }

    @Test func beyondTheBurstEachAckIsNegativeUntilATokenIsThere() async throws {
        try await GatedServer.run(limits()) { server in
            let client = try await server.connect()
            for _ in 0..<2 { #expect(try await client.ask("work") == "1") }
            for _ in 0..<3 { #expect(try await client.ask("work") == Self.refusal) }
            server.advance(by: .seconds(1))
            #expect(try await client.ask("work") == "1")
            #expect(try await client.ask("work") == Self.refusal)
            #expect(server.counters.current.errors == [.rateLimited: 4])
            await client.disconnect()
        }
    }

    @Test func withoutAnAckTheClientIsToldOnceASecond() async throws {
        try await GatedServer.run(limits()) { server in
            let client = try await server.connect()
            for _ in 0..<2 { #expect(try await client.ask("work") == "1") }
            // Who was told by its ack has not had the event yet.
            #expect(try await client.ask("work") == Self.refusal)
            for _ in 0..<5 { try await client.emit("work") }
            #expect(try await client.ask("work") == Self.refusal)
            server.advance(by: .milliseconds(999))
            try await client.emit("work")
            #expect(try await client.ask("work") == Self.refusal)
            #expect(try await client.next() == Self.notice)
            server.advance(by: .milliseconds(1))
            try await client.emit("work")
            #expect(try await client.next() == "done 1")
            try await client.emit("work")
            #expect(try await client.next() == Self.notice)
            await client.disconnect()
        }
    }

    @Test func whoGoesOnIsDisconnectedAndTheNeighbourIsNot() async throws {
        try await GatedServer.run(limits(refusals: 5)) { server in
            let neighbour = try await server.connect()
            let abuser = try await server.connect()
            for _ in 0..<2 { #expect(try await abuser.ask("work") == "1") }
            for _ in 0..<5 { #expect(try await abuser.ask("work") == Self.refusal) }
            #expect(try await abuser.end() == .serverDisconnect)
            #expect(server.counters.current.abuseDisconnects == 1)
            #expect(try await neighbour.ask("work") == "1")
            await neighbour.disconnect()
        }
    }

    @Test func aFloodThatLetsSomeThroughIsOneAllTheSame() async throws {
        try await GatedServer.run(limits(refusals: 6)) { server in
            let client = try await server.connect()
            for _ in 0..<2 { #expect(try await client.ask("work") == "1") }
            // Three times what is allowed: of each second's three events, one passes.
            for _ in 0..<5 {
                server.advance(by: .seconds(1))
                #expect(try await client.ask("work") == "1")
                for _ in 0..<2 { #expect(try await client.ask("work") == Self.refusal) }
            }
            #expect(try await client.end() == .serverDisconnect)
        }
    }

    @Test func whoIsTooFastNowAndThenStays() async throws {
        try await GatedServer.run(limits(refusals: 3)) { server in
            let client = try await server.connect()
            for _ in 0..<2 { #expect(try await client.ask("work") == "1") }
            for _ in 0..<10 {
                #expect(try await client.ask("work") == Self.refusal)
                server.advance(by: .seconds(1))
                #expect(try await client.ask("work") == "1")
            }
            #expect(client.closeReason == nil)
            await client.disconnect()
        }
    }
}
