import EngineIO
import EngineIOCore
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

@Suite("SocketIOClient", .timeLimit(.minutes(1)))
struct SocketIOClientTests {
    private static let transports = TransportKind.allCases

    @Test(arguments: transports)
    func connectsAndReadsTheSession(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport)
            #expect(client.session.id == "socket-1")
            #expect(client.session.pid == "private-1")
            #expect(client.parameters.pingInterval == .seconds(25))
            #expect(client.parameters.maxPayload == 1_000_000)
            #expect(client.closeReason == nil)
            await client.disconnect()
            #expect(client.closeReason == .clientDisconnect)
        }
    }

    @Test(arguments: transports)
    func eventsComeInOrder(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport)
            for number in 0..<50 { try await client.emit("count", json: "\(number),\"ü\"") }
            var received: [String] = []
            for await event in client.events {
                received.append(event.name + " " + String(buffer: event.arguments.joined))
                if received.count == 50 { break }
            }
            #expect(received == (0..<50).map { "count \($0),\"ü\"" })
            await client.disconnect()
        }
    }

    @Test(arguments: transports)
    func acksCarryTheAnswer(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport, namespace: "/other")
            async let first = client.emitWithAck("a", json: #"{"x":1.50}"#, timeout: .seconds(30))
            async let second = client.emitWithAck("b", timeout: .seconds(30))
            let (a, b) = try await (first, second)
            #expect(a.json(0).map { String(buffer: $0) } == #"{"x":1.50}"#)
            #expect(b.count == 0)
            await client.disconnect()
        }
    }

    @Test(arguments: transports)
    func binaryTravelsBothWays(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport)
            let bytes = [ByteBuffer(bytes: [0, 1, 255]), ByteBuffer(repeating: 7, count: 70_000)]
            let json = #"{"_placeholder":true,"num":0},"x",{"_placeholder":true,"num":1}"#
            let answer = try await client.emitWithAck("files", json: json, attachments: bytes, timeout: .seconds(30))
            #expect(answer.binary(0) == bytes[0])
            #expect(answer.string(1) == "x")
            #expect(answer.binary(2) == bytes[1])
            let event = try await client.event("files", within: .seconds(30))
            #expect(event.arguments.attachments == bytes)
            await client.disconnect()
        }
    }

    @Test(arguments: transports)
    func theServersQuestionIsAnswered(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport)
            try await client.emit("ask")
            let question = try await client.event("question", within: .seconds(30))
            let id = try #require(question.ackID)
            try await client.ack(id, json: "true")
            let echo = try await client.event("acknowledged", within: .seconds(30))
            #expect(String(buffer: echo.arguments.joined) == "7,[true]")
            await client.disconnect()
        }
    }

    @Test(arguments: transports)
    func aRefusedConnectIsAnErrorWithItsCode(_ transport: TransportKind) async throws {
        try await EchoServer.run { server in
            let error = await #expect(throws: SocketIOConnectError.self) {
                try await SocketIOClient.connect(url: server.url, auth: #"{"token":"bad"}"#, transport: transport)
            }
            #expect(error?.message == "401 bad token")
            #expect(error?.code == "AUTH_FAILED")
            #expect(error?.json.contains("AUTH_FAILED") == true)
        }
    }

    @Test func anHTTPErrorIsARefusal() async throws {
        try await EchoServer.run { server in
            var options = SocketIOClientOptions()
            options.path = "/elsewhere/"
            for transport in Self.transports {
                let error = await #expect(throws: SocketIOClientError.self) {
                    try await SocketIOClient.connect(url: server.url, transport: transport, options: options)
                }
                #expect(error?.code == .refused)
                #expect(error?.status == 404)
            }
        }
    }

    @Test func aSilentServerIsATimeout() async throws {
        try await EchoServer.run { server in
            var options = SocketIOClientOptions()
            options.connectTimeout = .seconds(1)
            for transport in Self.transports {
                let error = await #expect(throws: SocketIOClientError.self) {
                    try await SocketIOClient.connect(url: server.url, auth: #"{"token":"silence"}"#, transport: transport, options: options)
                }
                #expect(error?.code == .timeout)
            }
        }
    }

    @Test func anAckThatNeverComesIsATimeout() async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url)
            let error = await #expect(throws: SocketIOClientError.self) {
                try await client.emitWithAck("ignore", timeout: .milliseconds(50))
            }
            #expect(error?.code == .timeout)
            await client.disconnect()
        }
    }

    @Test(arguments: transports)
    func pingsAreAnswered(_ transport: TransportKind) async throws {
        try await EchoServer.run {
            $0.pingInterval = .milliseconds(100)
            $0.pingTimeout = .seconds(30)
        } _: { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: transport)
            // CONNECT and a pong: the server counts packets.
            while await server.engine.statistics().messagesReceived < 2 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(client.closeReason == nil)
            await client.disconnect()
        }
    }

    @Test(arguments: zip(["kick", "hang up", "garbage"], [SocketIOCloseReason.serverDisconnect, .transportClose, .parseError]))
    func theEndHasAReason(_ event: String, _ reason: SocketIOCloseReason) async throws {
        try await EchoServer.run { server in
            // A session that ends between two polls is unknown to the next: a transport error, as in the JavaScript client.
            for transport in Self.transports where transport == .websocket || event != "hang up" {
                let client = try await SocketIOClient.connect(url: server.url, transport: transport)
                try await client.emit(event)
                #expect(await client.waitUntilClosed() == reason, "\(transport)")
                #expect(client.closeReason == reason)
                await #expect(throws: SocketIOClientError.self) { try await client.emit("x") }
                var rest = 0
                for await _ in client.events { rest += 1 }
                #expect(rest == 0)
            }
        }
    }

    @Test func anOpenAckFailsAtTheEnd() async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url)
            let answer = Task { try await client.emitWithAck("ignore") }
            try await client.emit("hang up")
            let error = await #expect(throws: SocketIOClientError.self) { try await answer.value }
            #expect(error?.code == .closed)
        }
    }

    @Test func unreadEventsAreBoundedAndTheOldestGo() async throws {
        try await EchoServer.run { server in
            var options = SocketIOClientOptions()
            options.maxWaitingEvents = 10
            let client = try await SocketIOClient.connect(url: server.url, options: options)
            try await client.emit("flood", json: "100")
            _ = try await client.emitWithAck("end", timeout: .seconds(30))
            #expect(client.droppedEvents == 91)
            let first = try await client.event(within: .seconds(30))
            #expect(String(buffer: first.arguments.joined) == "91")
            await client.disconnect()
        }
    }

    @Test func cancellingEndsTheIteration() async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url)
            let reader = Task {
                for await _ in client.events {}
                return true
            }
            reader.cancel()
            #expect(await reader.value)
            #expect(client.closeReason == nil)
            await client.abort()
        }
    }

    @Test func whatIsNotJSONIsNotSent() async throws {
        try await EchoServer.run { server in
            let client = try await SocketIOClient.connect(url: server.url)
            for json in ["{", "1]", "a", "1,,2"] {
                let error = await #expect(throws: SocketIOClientError.self) { try await client.emit("x", json: json) }
                #expect(error?.code == .invalidJSON)
            }
            await client.disconnect()
        }
    }
}
