import GatewayDomain
import NIOHTTP1
import SocketIOClient
import Testing

@testable import Gateway

/// By which address limits count, and where a token may stand.
@Suite("The client's address, and tokens in the query", .timeLimit(.minutes(1)))
struct ClientAddressTests {
    private func connect(_ gateway: TestGateway, forwardedFor: String) async throws -> SocketIOClient {
        var options = TestGateway.patience
        options.headers.add(name: "X-Forwarded-For", value: forwardedFor)
        let token = try await gateway.token(TestGateway.alice)
        return try await SocketIOClient.connect(url: gateway.url, auth: "{\"token\":\"\(token)\"}", options: options)
    }

    private func refusal(_ gateway: TestGateway, forwardedFor: String) async -> String? {
        do {
            _ = try await connect(gateway, forwardedFor: forwardedFor)
            return nil
        } catch {
            return (error as? SocketIOConnectError)?.code
        }
    }

    @Test func limitsCountByTheAddressThatATrustedProxyForwards() async throws {
        try await TestGateway.run {
            $0.limits.connectionsPerAddress = 1
            $0.trustedProxies = TrustedProxies([IPNetwork("127.0.0.0/8")!, IPNetwork("10.0.0.0/8")!])
        } _: { gateway in
            let clients = [
                try await connect(gateway, forwardedFor: "198.51.100.1"),
                try await connect(gateway, forwardedFor: "198.51.100.1, 198.51.100.2, 10.0.0.1"),
                try await connect(gateway, forwardedFor: "2001:db8:1:1::1"),
                try await connect(gateway, forwardedFor: "2001:db8:1:2::1"),
            ]
            for address in ["198.51.100.1", "203.0.113.9, 198.51.100.2", "2001:db8:1:1::2"] {
                #expect(await refusal(gateway, forwardedFor: address) == "CONNECTION_LIMIT")
            }
            for client in clients { await client.disconnect() }
        }
    }

    @Test func whoConnectsAnewOnItsConnectionIsCountedByTheSameAddress() async throws {
        try await TestGateway.run {
            $0.limits.connectionsPerAddress = 1
            $0.trustedProxies = TrustedProxies([IPNetwork("127.0.0.0/8")!])
        } _: { gateway in
            let token = try await gateway.token(TestGateway.alice)
            let socket = try await RawWebSocket.connect(
                url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket",
                headers: ["X-Forwarded-For": "198.51.100.1"]
            )
            _ = try await socket.receiveText(within: .seconds(30))
            for packet in ["40", "41", "40"] {
                try await socket.send(text: packet == "41" ? packet : "40{\"token\":\"\(token)\"}")
                if packet == "40" { while try await !socket.receiveText(within: .seconds(30)).hasPrefix(#"42["authenticated""#) {} }
            }
            #expect(await refusal(gateway, forwardedFor: "198.51.100.1") == "CONNECTION_LIMIT")
            #expect(await refusal(gateway, forwardedFor: "198.51.100.2") == nil)
            await socket.abort()
        }
    }

    @Test func othersAreNotBelieved() async throws {
        try await TestGateway.run {
            $0.limits.connectionsPerAddress = 1
            $0.trustedProxies = TrustedProxies([IPNetwork("10.0.0.0/8")!])
        } _: { gateway in
            let client = try await connect(gateway, forwardedFor: "198.51.100.1")
            #expect(await refusal(gateway, forwardedFor: "198.51.100.2") == "CONNECTION_LIMIT")
            await client.disconnect()
        }
    }

    @Test(arguments: [false, true])
    func tokensInTheQueryAreReadBySettingOnly(isOn: Bool) async throws {
        try await TestGateway.run {
            $0.readsTokenFromQuery = isOn
        } _: { gateway in
            let token = try await gateway.token(TestGateway.alice)
            let socket = try await RawWebSocket.connect(
                url: "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket&token=\(token)"
            )
            _ = try await socket.receiveText(within: .seconds(30))
            try await socket.send(text: "40")
            let answer = try await socket.receiveText(within: .seconds(30))
            #expect(isOn ? answer.hasPrefix("40{") : answer.contains("AUTH_REQUIRED"))
        }
    }
}
