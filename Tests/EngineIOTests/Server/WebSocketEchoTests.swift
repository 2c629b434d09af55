import NIOCore
import TestSupport
import Testing

@testable @_spi(Conformance) import EngineIO

@Suite("WebSocket echo")
struct WebSocketEchoTests {
    @Test func messagesComeBackAsTheyWere() async throws {
        try await EchoServer.run {
            $0.echoesWebSockets = true
        } _: { server in
            let client = try await server.connect()
            #expect(try await client.upgrade().status == 101)
            try await client.send(clientFrame(1, ByteBuffer(string: "no Engine.IO packet"), isFinal: false))
            try await client.send(clientFrame(0, ByteBuffer(string: ", é")))
            #expect(try await client.frame() == .text("no Engine.IO packet, é"))
            try await client.send(clientFrame(2, ByteBuffer(bytes: [0xFF, 0])))
            #expect(try await client.frame() == .binary([0xFF, 0]))
            try await client.send(clientFrame(1))
            #expect(try await client.frame() == .text(""))
            try await client.send(clientFrame(9, ByteBuffer(string: "ping")))
            #expect(try await client.frame() == ServerFrame(opcode: 10, payload: ByteBuffer(string: "ping")))
            try await client.send(clientFrame(8, ServerFrame.close(1000).payload))
            #expect(try await client.frame() == .close(1000))
        }
    }

    @Test func anythingElseIsRefused() async throws {
        try await EchoServer.run {
            $0.echoesWebSockets = true
        } _: { server in
            let answer = try await server.connect().exchange("GET", RawConnection.enginePath)
            #expect(answer.status == 400)
        }
    }
}
