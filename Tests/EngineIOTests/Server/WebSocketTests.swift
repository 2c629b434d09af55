import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("WebSocket")
struct WebSocketTests {
    @Test func handshakeAndEcho() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let answer = try await client.upgrade()
            #expect(answer.status == 101)
            #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(try await client.frame().string.contains(#","upgrades":[],"pingInterval":25000,"#))
            try await client.send(clientFrame("4hello é"))
            #expect(try await client.frame() == .text("4hello é"))
            try await client.send(clientFrame(2, ByteBuffer(bytes: [0, 255])))
            #expect(try await client.frame() == .binary([0, 255]))
        }
    }

    @Test(arguments: [125, 126, 65_535, 65_536, 999_999])
    func everyFormOfTheLength(_ length: Int) async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            let text = "4" + String(repeating: "x", count: length - 1)
            try await client.send(clientFrame(text))
            #expect(try await client.frame() == .text(text))
        }
    }

    /// The stock client's `forceBase64`.
    @Test func withB64BinaryMessagesAreText() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let uri = "/socket.io/?EIO=4&transport=websocket&b64=1"
            #expect(try await client.exchange("GET", uri, headers: RawConnection.upgradeHeaders).status == 101)
            _ = try await client.frame()
            for (sent, echo) in [
                (clientFrame("bAQID"), "bAQID"), (clientFrame(2, ByteBuffer(bytes: [0, 255])), "bAP8="), (clientFrame("4x"), "4x"),
            ] {
                try await client.send(sent)
                #expect(try await client.frame() == .text(echo))
            }
            // What comes in base64 is understood without it too.
            let other = try await server.webSocket()
            try await other.send(clientFrame("bAQID"))
            #expect(try await other.frame() == .binary([1, 2, 3]))
            try await other.send(clientFrame("b*"))
            #expect(try await other.frame() == .close(nil))
        }
    }

    @Test func framesMayComeByteByByteAndManyAtOnce() async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            for byte in clientFrame("4slow").readableBytesView { try await client.send(ByteBuffer(bytes: [byte])) }
            #expect(try await client.frame() == .text("4slow"))
            var many = ByteBuffer()
            for number in 0..<500 { many.writeImmutableBuffer(clientFrame("4\(number)")) }
            try await client.send(many)
            for number in 0..<500 { #expect(try await client.frame() == .text("4\(number)")) }
        }
    }

    @Test func fragmentsAndPings() async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            try await client.send(clientFrame(1, ByteBuffer(string: "4a"), isFinal: false))
            try await client.send(clientFrame(9, ByteBuffer(string: "p")))
            try await client.send(clientFrame(0, ByteBuffer(string: "b")))
            #expect(try await client.frame() == ServerFrame(opcode: 10, payload: ByteBuffer(string: "p")))
            #expect(try await client.frame() == .text("4ab"))
        }
    }

    @Test(
        arguments: [
            (clientFrame(1, ByteBuffer(string: "4a"), isMasked: false), 1002), (clientFrame(0, ByteBuffer(string: "a")), 1002),
            (clientFrame(3), 1002), (clientFrame(9, isFinal: false), 1002), (clientFrame(9, ByteBuffer(repeating: 0, count: 126)), 1002),
            (clientFrame(1, ByteBuffer(bytes: [0x34, 0xC3])), 1007), (clientFrame(1, ByteBuffer(repeating: 0x34, count: 1001)), 1009),
            (clientFrame(8, ByteBuffer(bytes: [0])), 1002),
        ] as [(ByteBuffer, UInt16)]
    )
    func brokenRulesCloseWithTheirCode(_ bytes: ByteBuffer, _ code: UInt16) async throws {
        try await EchoServer.run {
            $0.maxPayload = 1000
        } _: { server in
            let client = try await server.webSocket()
            try await client.send(bytes)
            #expect(try await client.frame() == .close(code))
            try await client.end()
            try await server.closed(.transportError)
        }
    }

    @Test func aCloseFrameIsEchoed() async throws {
        try await EchoServer.run { server in
            for code: UInt16? in [1000, nil, 3000] {
                let client = try await server.webSocket()
                try await client.send(clientFrame(8, ServerFrame.close(code).payload))
                #expect(try await client.frame() == .close(code))
                try await client.end()
            }
            try await server.closed(.transportClose)
        }
    }

    @Test(arguments: [
        ("2", CloseReason.parseError), ("", .parseError), ("x", .parseError), ("1", .transportClose), ("4close", .forcedClose),
    ])
    func packetsThatCloseDoSoWithAnEmptyCloseFrame(_ text: String, _ reason: CloseReason) async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            try await client.send(clientFrame(text))
            #expect(try await client.frame() == .close(nil))
            try await server.closed(reason)
        }
    }

    @Test(arguments: ["3", "6", "5", "0"])
    func packetsThatAreIgnored(_ text: String) async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            try await client.send(clientFrame(text))
            try await client.send(clientFrame("4still here"))
            #expect(try await client.frame() == .text("4still here"))
        }
    }

    @Test func whatWasSentBeforeTheCloseArrives() async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            var bytes = clientFrame("4last words")
            bytes.writeImmutableBuffer(clientFrame("4close"))
            try await client.send(bytes)
            #expect(try await client.frame() == .text("4last words"))
            #expect(try await client.frame() == .close(nil))
        }
    }

    @Test func aLostConnectionIsNoticed() async throws {
        try await EchoServer.run { server in
            let client = try await server.webSocket()
            await client.close()
            try await server.closed(.transportClose)
            try await server.idle()
        }
    }
}
