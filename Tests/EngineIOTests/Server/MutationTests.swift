import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Mutations")
struct MutationTests {
    private static func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            default: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...8, using: &generator)))
            }
            if bytes.isEmpty { bytes = [0] }
        }
        return bytes
    }

    private static func request(_ line: String, _ headers: [String] = [], body: String = "") -> [UInt8] {
        Array(([line + " HTTP/1.1", "Host: test"] + headers).joined(separator: "\r\n").utf8) + Array(("\r\n\r\n" + body).utf8)
    }

    private static func frames() -> [UInt8] {
        var frames = clientFrame("4hello")
        frames.writeImmutableBuffer(clientFrame(1, ByteBuffer(string: "4a"), isFinal: false))
        frames.writeImmutableBuffer(clientFrame(9, ByteBuffer(string: "ping")))
        frames.writeImmutableBuffer(clientFrame(0, ByteBuffer(string: "b")))
        frames.writeImmutableBuffer(clientFrame(2, ByteBuffer(repeating: 1, count: 300)))
        frames.writeImmutableBuffer(clientFrame("3"))
        frames.writeImmutableBuffer(clientFrame(8, ByteBuffer(bytes: [3, 0xE8])))
        return Array(frames.readableBytesView)
    }

    @Test func threeThousandLeaveTheServerAliveAndEmpty() async throws {
        var generator = SeededGenerator(seed: 42)
        try await EchoServer.run(loops: 2) {
            $0.pingInterval = .milliseconds(200)
            $0.pingTimeout = .seconds(5)
            $0.handshakeTimeout = .seconds(2)
            $0.keepAliveTimeout = .milliseconds(100)
        } _: { server in
            let neighbour = try await server.webSocket()
            let poller = try await server.connect()
            let sid = try await poller.openPolling()
            let open = Self.request("GET " + RawConnection.enginePath)
            let upgrade = Self.request("GET /socket.io/?EIO=4&transport=websocket", RawConnection.upgradeHeaders)
            let post = Self.request("POST \(RawConnection.enginePath)&sid=\(sid)", ["Content-Length: 9"], body: "4a\u{1E}bAQID")
            let probe = Self.request("GET /socket.io/?EIO=4&transport=websocket&sid=\(sid)", RawConnection.upgradeHeaders)
            for number in 0..<3000 {
                let bytes =
                    switch number % 6 {
                    case 0: Self.mutated(open + open, using: &generator)
                    case 1: Self.mutated(upgrade + Self.frames(), using: &generator)
                    case 2: Self.mutated(post + open, using: &generator)
                    case 3: Self.mutated(probe + Array(clientFrame("2probe").readableBytesView), using: &generator)
                    default: upgrade + Self.mutated(Self.frames(), using: &generator)
                    }
                let client = try await server.connect()
                try? await client.send(ByteBuffer(bytes: bytes))
                await client.closeOutput()
                try await client.end()
                await client.close()
                try await neighbour.send(clientFrame("4\(number)"))
                #expect(try await neighbour.message() == .text("4\(number)"))
            }
            try await neighbour.send(clientFrame("4close"))
            #expect(try await neighbour.message() == .close(nil))
            try await server.idle()
            let statistics = await server.server.statistics()
            #expect(statistics.openPolling == 0)
            #expect(statistics.openWebSocket == 0)
            #expect(statistics.queuedBytes == 0)
        }
    }
}
