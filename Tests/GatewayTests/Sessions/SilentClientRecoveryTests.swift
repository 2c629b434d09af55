import EngineIO
import JSONScan
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@testable import Gateway

/// Clients that the server has to give up without a word of theirs: they read nothing and answer nothing. They come back to everything.
@Suite("Recovery of clients that fell silent", .timeLimit(.minutes(2)))
struct SilentClientRecoveryTests {
    private static let filler = String(repeating: "x", count: 4_000)

    /// A client in both rooms that has seen trade 1; from then on it neither reads nor answers.
    private func openAndFallSilent(_ gateway: TestGateway) async throws -> (socket: RawWebSocket, recovery: SocketIORecovery) {
        let url = "ws://127.0.0.1:\(gateway.port)/socket.io/?EIO=4&transport=websocket"
        let socket = try await RawWebSocket.connect(url: url, receiveBufferBytes: 4_096)
        try await socket.send(text: "40{\"token\":\"\(try await gateway.token(TestGateway.alice))\"}")
        let answer = try await next("40", socket)
        let pid = try #require(try JSONObject(Array(answer.utf8)).string("pid"))
        _ = try await next(#"42["authenticated""#, socket)
        for room in ["trade:BTC-USDC", "price:BTC-USDC"] {
            try await socket.send(text: "42[\"join_room\",{\"room\":\"\(room)\"}]")
            _ = try await next(#"42["room_joined""#, socket)
        }
        try await publish(gateway, trade: 1)
        let trade = try await next(#"42["trade_notification","#, socket)
        try await socket.setReading(false)
        // Behind the payload stands the offset: ,"…"]
        let offset = try #require(trade.split(separator: "\"").dropLast().last)
        return (socket, SocketIORecovery(pid: pid, offset: String(offset)))
    }

    /// What follows `prefix` in the first text that begins with it; pings are answered on the way.
    private func next(_ prefix: String, _ socket: RawWebSocket) async throws -> String {
        while true {
            let text = try await socket.receiveText(within: .seconds(30))
            if text == "2" { try await socket.send(text: "3") }
            if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
        }
    }

    private func publish(_ gateway: TestGateway, trade number: Int, note: String = "") async throws {
        try await gateway.server.publish(
            json: #"{"type":"trade_notification","symbol":"BTC-USDC","data":{"n":\#(number),"note":"\#(note)"}}"#
        )
    }

    private func publish(_ gateway: TestGateway, price number: Int) async throws {
        try await gateway.server.publish(json: #"{"type":"price_update","symbol":"BTC-USDC","data":{"n":\#(number)}}"#)
    }

    /// Comes back, and checks that trades 2 to `last` come once and in order, then the newest price, and what is published from then on.
    private func comesBackToEverything(_ gateway: TestGateway, _ recovery: SocketIORecovery, trades last: Int, price: Int) async throws {
        let again = try await gateway.comeBack(recovery)
        let refusals = again.session.recovered ? [] : try await gateway.refusals()
        try #require(again.session.recovered, "after \(last) trades: \(refusals)")
        for number in 2...last {
            let trade = try await again.event(nil, within: .seconds(30))
            #expect(trade.name == "trade_notification")
            #expect(trade.arguments.object(0)?.integer("n") == Int64(number))
        }
        #expect(try await again.event(nil, within: .seconds(30)).name == "connected")
        #expect(try await again.event(nil, within: .seconds(30)).name == "authenticated")
        let snapshot = try #require(try await again.event(nil, within: .seconds(30)).arguments.object(0))
        #expect(snapshot.integer("n") == Int64(price))
        #expect(snapshot.bool("snapshot") == true)
        try await publish(gateway, trade: last + 1)
        #expect(try await again.event(nil, within: .seconds(30)).arguments.object(0)?.integer("n") == Int64(last + 1))
        await again.disconnect()
    }

    @Test func whoWasClosedAsSlowMissesNothing() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedAge = .seconds(1)
        } _: { gateway in
            let (socket, recovery) = try await openAndFallSilent(gateway)
            var trades = 1
            // Until the kernel takes no more.
            while try await gateway.metric("moonx_short_writes_total") == 0 {
                trades += 1
                try await publish(gateway, trade: trades, note: Self.filler)
            }
            try await publish(gateway, trade: trades + 1)
            while try await gateway.metric(#"moonx_sessions_closed_total{reason="slow consumer"}"#) == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await publish(gateway, trade: trades + 2)
            try await publish(gateway, price: 7)

            try await comesBackToEverything(gateway, recovery, trades: trades + 2, price: 7)
            await socket.abort()
        }
    }

    /// Closed as slow because of the bytes that waited.
    private func publishUntilClosed(_ gateway: TestGateway) async throws -> Int {
        var trades = 1
        while try await gateway.metric(#"moonx_sessions_closed_total{reason="slow consumer"}"#) == 0 {
            trades += 1
            try await publish(gateway, trade: trades, note: Self.filler)
        }
        return trades
    }

    @Test func whoWasClosedBecauseOfTheBytesThatWaitedMissesNothing() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedBytes = 64_000
        } _: { gateway in
            let (socket, recovery) = try await openAndFallSilent(gateway)
            let trades = try await publishUntilClosed(gateway)
            try await publish(gateway, price: 7)
            // More than may wait, and what the kernel held besides: all of it comes, and ends nobody's connection.
            try await comesBackToEverything(gateway, recovery, trades: trades, price: 7)
            #expect(try await gateway.metric(#"moonx_sessions_closed_total{reason="slow consumer"}"#) == 1)
            await socket.abort()
        }
    }

    @Test func whoMissedMoreThanIsSentIsToldSo() async throws {
        try await TestGateway.run {
            $0.engine.maxQueuedBytes = 64_000
            $0.recovery?.maxReplayBytes = 64_000
        } _: { gateway in
            let (socket, recovery) = try await openAndFallSilent(gateway)
            _ = try await publishUntilClosed(gateway)
            let again = try await gateway.comeBack(recovery)
            #expect(!again.session.recovered)
            #expect(try await gateway.metric(#"moonx_recovery_sessions_refused_total{reason="tooMuchMissed"}"#) == 1)
            await again.disconnect()
            await socket.abort()
        }
    }

    @Test func whoseHeartbeatWasLostMissesNothingOfTheTimeBeforeThatWasNoticed() async throws {
        try await TestGateway.run {
            $0.engine.pingInterval = .seconds(1)
            $0.engine.pingTimeout = .seconds(8)
        } _: { gateway in
            let (socket, recovery) = try await openAndFallSilent(gateway)
            // These the gateway writes to a connection whose other end is dead.
            for number in 2...5 { try await publish(gateway, trade: number) }
            try await publish(gateway, price: 6)
            while try await gateway.metric(#"moonx_sessions_closed_total{reason="ping timeout"}"#) == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await publish(gateway, trade: 6)
            try await publish(gateway, price: 7)

            try await comesBackToEverything(gateway, recovery, trades: 6, price: 7)
            await socket.abort()
        }
    }

    @Test func whoWasOnlyQuietIsStillThere() async throws {
        try await TestGateway.run {
            $0.engine.pingInterval = .seconds(1)
            $0.engine.pingTimeout = .seconds(60)
        } _: { gateway in
            let (socket, _) = try await openAndFallSilent(gateway)
            for number in 2...5 { try await publish(gateway, trade: number) }
            try await socket.setReading(true)
            for number in 2...5 {
                let trade = try await next(#"42["trade_notification","#, socket)
                #expect(trade.contains("\"n\":\(number)"))
            }
            #expect(try await gateway.metric("moonx_recovery_sessions_saved_total") == 0)
            await socket.abort()
        }
    }
}

extension TestGateway {
    /// Why sessions were not given back.
    fileprivate func refusals() async throws -> [Substring] {
        try await get("/metrics").body.split(separator: "\n").filter { $0.hasPrefix("moonx_recovery_sessions_refused_total") }
    }
}
