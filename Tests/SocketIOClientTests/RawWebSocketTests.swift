import EngineIO
import EngineIOCore
import NIOCore
import NIOWebSocket
import SocketIOClient
import Testing

@Suite("RawWebSocket", .timeLimit(.minutes(1)))
struct RawWebSocketTests {
    @Test func textsGoAsTheyAre() async throws {
        try await EchoServer.run { server in
            let socket = try await RawWebSocket.connect(url: server.socketURL)
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("0{\"sid\":"))
            try await socket.send(text: "40")
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40{"))
            try await socket.send(text: #"42["a",1]"#)
            #expect(try await socket.receiveText(within: .seconds(30)) == #"42["a",1]"#)
            await socket.abort()
        }
    }

    @Test func fragmentsAndControlFramesCanBeSent() async throws {
        try await EchoServer.run { server in
            let socket = try await RawWebSocket.connect(url: server.socketURL)
            _ = try await socket.receive(within: .seconds(30))
            try await socket.send(opcode: .text, payload: ByteBuffer(string: "4"), isLast: false)
            try await socket.send(opcode: .ping, payload: ByteBuffer(string: "x"))
            try await socket.send(opcode: .continuation, payload: ByteBuffer(string: "0"))
            #expect(try await socket.receive(within: .seconds(30)) == .pong(ByteBuffer(string: "x")))
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40{"))
            try await socket.sendClose(code: 1000)
            #expect(try await socket.receive(within: .seconds(30)) == .close(code: 1000))
        }
    }

    @Test func unmaskedFramesAreRefusedByTheServer() async throws {
        try await EchoServer.run { server in
            let socket = try await RawWebSocket.connect(url: server.socketURL)
            _ = try await socket.receive(within: .seconds(30))
            try await socket.send(opcode: .text, payload: ByteBuffer(string: "40"), isMasked: false)
            #expect(try await socket.receive(within: .seconds(30)) == .close(code: 1002))
            #expect(try await socket.receive(within: .seconds(30)) == nil)
        }
    }

    @Test func bytesGoPastTheFraming() async throws {
        try await EchoServer.run { server in
            let socket = try await RawWebSocket.connect(url: server.socketURL)
            _ = try await socket.receive(within: .seconds(30))
            // One frame, byte by byte: "40" masked with zeros.
            for byte: UInt8 in [0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30] { try await socket.send(bytes: ByteBuffer(bytes: [byte])) }
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40{"))
            await socket.abort()
        }
    }

    @Test func aRefusedUpgradeHasItsStatusAndBody() async throws {
        try await EchoServer.run { server in
            let error = await #expect(throws: SocketIOClientError.self) {
                try await RawWebSocket.connect(url: "ws://127.0.0.1:\(server.port)/socket.io/?EIO=3&transport=websocket")
            }
            #expect(error?.status == 400)
            #expect(error?.message.contains("Unsupported protocol version") == true)
        }
    }

    @Test func whatIsNotReadHoldsTheServerUp() async throws {
        try await EchoServer.run {
            $0.maxQueuedBytes = 100_000
        } _: { server in
            let socket = try await RawWebSocket.connect(url: server.socketURL)
            try await socket.send(text: "40")
            _ = try await socket.receive(within: .seconds(30))
            _ = try await socket.receive(within: .seconds(30))
            try await socket.setReading(false)
            // More than the kernel buffers on both sides.
            let event = "42[\"x\",\"" + String(repeating: "x", count: 100_000) + "\"]"
            for _ in 0..<200 { try? await socket.send(text: event) }
            let other = try await SocketIOClient.connect(url: server.url)
            while await server.engine.statistics().closed[.slowConsumer] == nil {
                _ = try await other.emitWithAck("wait", timeout: .seconds(30))
            }
            await socket.abort()
            await other.disconnect()
        }
    }
}
