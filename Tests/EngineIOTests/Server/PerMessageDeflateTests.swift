import EngineIOCore
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("permessage-deflate")
struct PerMessageDeflateTests {
    private static let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    private let long = String(repeating: "all work and no play ", count: 100)

    private func open(_ server: EchoServer, _ offer: String? = Self.offer, sid: String? = nil) async throws -> (RawConnection, String?) {
        let client = try await server.connect()
        let uri = "/socket.io/?EIO=4&transport=websocket" + (sid.map { "&sid=\($0)" } ?? "")
        let answer = try await client.exchange("GET", uri, headers: RawConnection.upgradeHeaders + [offer].compactMap { $0 })
        #expect(answer.status == 101)
        if sid == nil {
            let first = try await client.frame()
            #expect(try (first.isCompressed ? inflated(first) : first.string).hasPrefix("0{"))
        }
        return (client, answer.headers["sec-websocket-extensions"])
    }

    private func inflated(_ frame: ServerFrame) throws -> String {
        #expect(frame.isCompressed)
        return String(buffer: try #require(Inflater()).message(frame.payload, limit: 1_000_000))
    }

    private func compressed(_ text: String) throws -> ByteBuffer {
        try #require(Deflater(.raw(windowBits: 15), level: 6, memoryLevel: 8)).message(ByteBuffer(string: text))
    }

    @Test func isOffUnlessSwitchedOn() async throws {
        try await EchoServer.run { server in
            let (client, agreed) = try await open(server)
            #expect(agreed == nil)
            try await client.send(clientFrame("4" + long))
            #expect(try await client.frame() == .text("4" + long))
            try await client.send(clientFrame(0x41, try compressed("4a")))
            #expect(try await client.frame() == .close(1002))
        }
    }

    @Test func longMessagesAreCompressedBothWays() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            let (client, agreed) = try await open(server)
            #expect(agreed == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
            for _ in 0..<2 {
                try await client.send(clientFrame(0x41, try compressed("4" + long)))
                let frame = try await client.frame()
                #expect(frame.opcode == 1)
                #expect(frame.payload.readableBytes < 200)
                #expect(try inflated(frame) == "4" + long)
            }
            // What was sent uncompressed is read, too; short messages go out as they are, and binary ones have their own opcode.
            try await client.send(clientFrame("4short"))
            #expect(try await client.frame() == .text("4short"))
            try await client.send(clientFrame(2, ByteBuffer(string: long)))
            let binary = try await client.frame()
            #expect(binary.opcode == 2)
            #expect(try inflated(binary) == long)
        }
    }

    @Test func compressedMessagesMayBeFragmented() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            let (client, _) = try await open(server)
            var rest = try compressed("4hello")
            let part = rest.readSlice(length: 3)
            let first = try #require(part)
            try await client.send(clientFrame(0x41, first, isFinal: false))
            try await client.send(clientFrame(9, ByteBuffer(string: "between")))
            try await client.send(clientFrame(0, rest))
            #expect(try await client.frame() == ServerFrame(opcode: 10, payload: ByteBuffer(string: "between")))
            #expect(try await client.frame() == .text("4hello"))
        }
    }

    @Test func whoDoesNotOfferItGetsPlainFrames() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            for offer in [nil, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8"] {
                let (client, agreed) = try await open(server, offer)
                #expect(agreed == nil)
                try await client.send(clientFrame("4" + long))
                #expect(try await client.frame() == .text("4" + long))
            }
        }
    }

    @Test func anUpgradedSessionAgreesOnItToo() async throws {
        try await EchoServer.run(loops: 2) {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            for _ in 0..<4 {
                let sid = try await server.connect().openPolling()
                let (client, agreed) = try await open(server, sid: sid)
                #expect(agreed != nil)
                try await client.send(clientFrame("2probe"))
                #expect(try await client.frame() == .text("3probe"))
                try await client.send(clientFrame("5"))
                try await client.send(clientFrame("4" + long))
                #expect(try inflated(try await client.frame()) == "4" + long)
            }
        }
    }

    @Test func aBombIs1009() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
            $0.maxPayload = 100_000
        } _: { server in
            let (client, _) = try await open(server)
            let bomb = try compressed("4" + String(repeating: "a", count: 10_000_000))
            #expect(bomb.readableBytes < 100_000)
            try await client.send(clientFrame(0x41, bomb))
            #expect(try await client.frame() == .close(1009))
            try await server.closed(.transportError)
        }
    }

    @Test func badBytesAre1007AndAMarkedContinuationIs1002() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            let (corrupt, _) = try await open(server)
            try await corrupt.send(clientFrame(0x41, ByteBuffer(bytes: [0xFF, 0xFF])))
            #expect(try await corrupt.frame() == .close(1007))
            let (notText, _) = try await open(server)
            let deflater = try #require(Deflater(.raw(windowBits: 15), level: 6, memoryLevel: 8))
            try await notText.send(clientFrame(0x41, deflater.message(ByteBuffer(bytes: [0x34, 0xC3]))))
            #expect(try await notText.frame() == .close(1007))
            let (marked, _) = try await open(server)
            try await marked.send(clientFrame(1, ByteBuffer(string: "4a"), isFinal: false))
            try await marked.send(clientFrame(0x40, ByteBuffer(string: "b")))
            #expect(try await marked.frame() == .close(1002))
            let (ping, _) = try await open(server)
            try await ping.send(clientFrame(0x49))
            #expect(try await ping.frame() == .close(1002))
        }
    }

    @Test func aMessageToManyIsCompressedOnceForEachWindow() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            var clients: [RawConnection] = []
            for index in 0..<12 {
                let bits = index % 3 == 0 ? "; server_max_window_bits=10" : ""
                clients.append(try await open(server, Self.offer + bits).0)
            }
            clients.append(try await open(server, nil).0)
            try await server.broadcast(OutboundFrame(text: "4" + long))
            for client in clients.dropLast() { #expect(try inflated(try await client.frame()) == "4" + long) }
            #expect(try await clients[12].frame() == .text("4" + long))
            #expect(await server.server.statistics().compressions == 2)
            // With others around it in the same pass the frame is shared all the same.
            try await server.broadcast(OutboundFrame(text: "4a"), OutboundFrame(text: "4" + long), OutboundFrame(text: "4b"))
            for client in clients.dropLast() {
                #expect(try await client.frame() == .text("4a"))
                #expect(try inflated(try await client.frame()) == "4" + long)
                #expect(try await client.frame() == .text("4b"))
            }
            #expect(await server.server.statistics().compressions == 4)
        }
    }

    @Test func aFrameMayAskNotToBeCompressed() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
        } _: { server in
            let (client, _) = try await open(server)
            try await server.broadcast(OutboundFrame(capacity: 0, isCompressible: false) { $0.writeString("4" + long) })
            #expect(try await client.frame() == .text("4" + long))
            #expect(await server.server.statistics().compressions == 0)
        }
    }

    @Test func whatGrowsIsSentAsItIs() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
            $0.perMessageDeflate?.threshold = 0
        } _: { server in
            let (client, _) = try await open(server)
            try await client.send(clientFrame("4x"))
            #expect(try await client.frame() == .text("4x"))
        }
    }

    @Test func aQueueThatHasWaitedIsCompressedToo() async throws {
        try await EchoServer.run {
            $0.perMessageDeflate = PerMessageDeflate()
            $0.maxQueuedBytes = 1 << 28
        } _: { server in
            let (client, _) = try await open(server)
            try await client.stopReading()
            try await client.send(clientFrame("4noise"))
            try await server.waiting()
            try await server.broadcast(OutboundFrame(text: "4" + long))
            try await client.startReading()
            var last = try await client.frame()
            while last.payload.readableBytes > 2200 { last = try await client.frame() }
            #expect(try inflated(last) == "4" + long)
            #expect(await server.server.statistics().queuedBytes == 0)
        }
    }
}
