import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3: WebSocket")
struct Protocol3WebSocketTests {
    @Test func handshakeAndEcho() async throws {
        try await EchoServer.run3 { server in
            for uri in ["EIO=3&transport=websocket", "transport=websocket"] {
                let client = try await server.connect()
                #expect(try await client.exchange("GET", "/socket.io/?" + uri, headers: RawConnection.upgradeHeaders).status == 101)
                #expect(try await client.frame().string.hasSuffix(#","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#))
                try await client.send(clientFrame("4hello é"))
                #expect(try await client.frame() == .text("4hello é"))
            }
        }
    }

    @Test func binaryFramesLeadWithTheType() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            for message: [UInt8] in [[1, 2, 3, 4], [], [4], [UInt8](repeating: 255, count: 200)] {
                try await client.send(clientFrame(2, ByteBuffer(bytes: [4] + message)))
                #expect(try await client.frame() == .binary([4] + message))
            }
            try await client.send(clientFrame("b4AQID"))
            #expect(try await client.frame() == .binary([4, 1, 2, 3]))
        }
    }

    @Test func withB64BinaryMessagesAreText() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3("&b64=1")
            try await client.send(clientFrame(2, ByteBuffer(bytes: [4, 1, 2, 3, 4])))
            #expect(try await client.frame() == .text("b4AQIDBA=="))
            try await client.send(clientFrame("b4"))
            #expect(try await client.frame() == .text("b4"))
            // An empty value is no consent, in the reference server neither.
            let other = try await server.webSocket3("&b64=")
            try await other.send(clientFrame("b4AQID"))
            #expect(try await other.frame() == .binary([4, 1, 2, 3]))
        }
    }

    @Test func framesMayComeByteByByteAndManyAtOnce() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            for byte in clientFrame(2, ByteBuffer(bytes: [4, 7])).readableBytesView { try await client.send(ByteBuffer(bytes: [byte])) }
            #expect(try await client.frame() == .binary([4, 7]))
            var many = ByteBuffer()
            for number in 0..<500 {
                many.writeImmutableBuffer(
                    number % 3 == 0 ? clientFrame(2, ByteBuffer(bytes: [4, UInt8(number % 256)])) : clientFrame("4\(number)")
                )
            }
            try await client.send(many)
            for number in 0..<500 {
                #expect(try await client.frame() == (number % 3 == 0 ? .binary([4, UInt8(number % 256)]) : .text("4\(number)")))
            }
        }
    }

    @Test(
        arguments: [
            clientFrame("abc"), clientFrame(""), clientFrame("7"), clientFrame("b4!"), clientFrame("b"), clientFrame(2),
            clientFrame(2, ByteBuffer(bytes: [0x34, 1])), clientFrame(2, ByteBuffer(bytes: [2])),
        ]
    )
    func aBadPacketEndsTheSession(_ frame: ByteBuffer) async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            try await client.send(frame)
            #expect(try await client.frame() == .close(nil))
            try await server.closed(.parseError)
        }
    }

    @Test func aClosePacketEndsTheSession() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket3()
            try await client.send(clientFrame("1"))
            #expect(try await client.frame() == .close(nil))
            try await server.closed(.transportClose)
        }
    }

    /// In protocol 4 the same bytes mean something else.
    @Test func protocol4IsServedBesideIt() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.webSocket()
            try await client.send(clientFrame(2, ByteBuffer(bytes: [4, 1])))
            #expect(try await client.frame() == .binary([4, 1]))
            try await client.send(clientFrame("b4AQID"))
            #expect(try await client.frame() == .close(nil))
        }
    }
}
