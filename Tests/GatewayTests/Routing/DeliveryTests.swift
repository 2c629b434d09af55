import JSONScan
import SocketIOClient
import Testing

@testable import Gateway

@Suite("Who gets what", .timeLimit(.minutes(1)))
struct DeliveryTests {
    /// A mark that everyone gets last.
    private func received(_ gateway: TestGateway, _ client: SocketIOClient) async throws -> [String] {
        try await gateway.server.publish(json: #"{"type":"system_alert","data":{"mark":true},"timestamp":1}"#)
        var lines: [String] = []
        while let line = try? await client.next(), line != #"system_alert {"mark":true,"timestamp":1}"# { lines.append(line) }
        return lines
    }

    @Test func aTradeIsTwoEventsAndTheOwnerGetsBoth() async throws {
        try await TestGateway.run { gateway in
            let owner = try await gateway.connect()
            let other = try await gateway.connect(TestGateway.bob)
            try await owner.joined("user:alice-0001")
            try await owner.joined("trade:BTC-USDC")
            try await other.joined("user:bob-000002")
            try await other.joined("trade:BTC-USDC")
            try await gateway.server.publish(
                json: #"""
                    {"type":"trade_notification","symbol":"BTC-USDC","userId":"alice-0001","id":"t1","timestamp":5,
                     "data":{"price":105433.60000,"userId":"alice-0001"}}
                    """#
            )
            let lines = try await received(gateway, other)
            #expect(lines.count == 1)
            #expect(lines.first?.contains("alice") == false)
            #expect(lines.first?.contains(#""price":105433.60000,"id":"t1","timestamp":5,"epoch":"#) == true)
            #expect(lines.first?.contains("personal") == false)
            let own = try await received(gateway, owner)
            #expect(own.count == 2)
            #expect(own.first == lines.first)
            let personal = #"trade_notification {"symbol":"BTC-USDC","price":105433.60000,"id":"t1","personal":true,"timestamp":5}"#
            #expect(own.dropFirst().first == personal)
            await owner.disconnect()
            await other.disconnect()
        }
    }

    @Test func notificationsReachEveryDeviceOfTheirUserWithoutAnyRoom() async throws {
        try await TestGateway.run { gateway in
            let devices = [try await gateway.connect(), try await gateway.connect()]
            let other = try await gateway.connect(TestGateway.bob)
            try await gateway.server.publish(
                json: #"{"type":"notification","userId":"alice-0001","data":{"id":"n1","title":"x"},"timestamp":2}"#
            )
            for device in devices { #expect(try await device.next() == #"notification {"title":"x","id":"n1","timestamp":2}"#) }
            #expect(try await received(gateway, other) == [])
            for client in devices + [other] { await client.disconnect() }
        }
    }

    @Test func alertsReachEveryone() async throws {
        try await TestGateway.run {
            $0.allowsGuests = true
        } _: { gateway in
            let clients = [try await gateway.connect(), try await gateway.connect(TestGateway.bob), try await gateway.connect(nil)]
            try await gateway.server.publish(json: #"{"type":"system_alert","data":{"title":"x"},"timestamp":2}"#)
            for client in clients {
                #expect(try await client.next() == #"system_alert {"title":"x","timestamp":2}"#)
                await client.disconnect()
            }
        }
    }

    @Test func portfoliosAndOrdersReachTheirOwner() async throws {
        try await TestGateway.run { gateway in
            let owner = try await gateway.connect()
            let other = try await gateway.connect(TestGateway.bob)
            for client in [owner, other] {
                _ = try await client.ask("subscribe_portfolio")
                _ = try await client.next("portfolio_subscribed")
                _ = try await client.ask("subscribe_orders", "{}")
                _ = try await client.next("orders_subscribed")
            }
            try await gateway.server.publish(json: #"{"type":"portfolio_update","userId":"alice-0001","data":{"total":1.10}}"#)
            try await gateway.server.publish(json: #"{"type":"order_update","userId":"alice-0001","data":{"status":"filled"}}"#)
            #expect(try await owner.next("portfolio_update").integer("seq") == 1)
            #expect(try await owner.next("order_update").string("status") == "filled")
            #expect(try await received(gateway, other) == [])
            // The portfolio is kept for the next device, the order is not.
            let device = try await gateway.connect()
            _ = try await device.ask("subscribe_orders")
            _ = try await device.next("orders_subscribed")
            _ = try await device.ask("subscribe_portfolio")
            _ = try await device.next("portfolio_subscribed")
            let portfolio = try await device.next("portfolio_update")
            #expect(portfolio.bool("snapshot") == true)
            #expect(portfolio.raw("total").map { String(decoding: $0, as: UTF8.self) } == "1.10")
            for client in [owner, other, device] { await client.disconnect() }
        }
    }
}
