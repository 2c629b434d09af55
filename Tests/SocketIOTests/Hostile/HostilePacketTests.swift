import EngineIO
import EngineIOCore
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import TestSupport
import Testing

/// Packets that no good client sends, on a connection that is connected to `/`. A neighbour's echoes go on.
@Suite("Hostile packets", .timeLimit(.minutes(2)))
struct HostilePacketTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("echo") { _, arguments, ack in ack?.send(json: arguments.joined) }
        namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
    }

    private func run(_ body: (TestServer, RawWebSocket) async throws -> Void) async throws {
        try await TestServer.run({ $0.engine.maxPayload = 200_000 }, Self.define) { server in
            let neighbour = try await server.connect()
            let socket = try await server.connectedWebSocket()
            let echoes = Task {
                for number in 0..<50 {
                    guard try await neighbour.ask("echo", "\(number)") == "\(number)" else { return false }
                }
                return true
            }
            try await body(server, socket)
            #expect(try await echoes.value)
            await neighbour.disconnect()
            #expect(try await server.journal.next() == "client namespace disconnect")
            #expect(try await server.isEmpty())
            let statistics = await server.server.statistics()
            #expect(statistics.openWebSocket == 0)
            #expect(statistics.queuedBytes == 0)
        }
    }

    private static func nested(_ levels: Int) -> String {
        #"42["echo","# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "]"
    }

    /// Each ends its connection, and is counted by what is wrong with it.
    @Test(arguments: [
        (nested(65), SocketPacketError.malformedPayload), (nested(90_000), .malformedPayload),
        (#"42["echo""# + String(repeating: ",[", count: 60_000), .malformedPayload),
        (#"429007199254740993["echo"]"#, .malformedHeader), (#"4299999999999999999999999["echo"]"#, .malformedHeader),
        ("42" + String(repeating: "9", count: 150_000), .malformedHeader), (#"42-1["echo"]"#, .malformedPayload),
        (#"4511-["echo"]"#, .tooManyAttachments), (#"4599999999999999999999-["echo"]"#, .malformedHeader),
        (#"45-["echo"]"#, .malformedHeader), (#"45-1-["echo"]"#, .malformedHeader), (#"451["echo"]"#, .malformedHeader),
        ("40/" + String(repeating: "n", count: 600), .malformedHeader), ("47[]", .unknownType), ("4\u{0}", .unknownType),
        (#"42["\ud800\"]"#, .malformedPayload), (#"42["connect"]"#, .reservedEvent), (#"42["\u0063onnect"]"#, .reservedEvent),
    ])
    func theseEndTheirConnectionAndAreCounted(_ packet: String, _ error: SocketPacketError) async throws {
        try await run { server, socket in
            try await socket.send(text: packet)
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
            #expect(server.server.socketStatistics.badPackets == [error: 1])
        }
    }

    /// The reference parser throws "illegal attachments"; before, these were taken for objects.
    @Test(arguments: ["1", "-1", "10", "null", #""0""#, "0.5"])
    func aPlaceholderForNoAttachmentEndsTheConnection(_ number: String) async throws {
        try await run { server, socket in
            try await socket.send(text: #"451-["echo",{"_placeholder":true,"num":\#(number)}]"#)
            try await socket.send(binary: ByteBuffer(bytes: [1]))
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
            #expect(server.server.socketStatistics.badPackets == [.malformedPayload: 1])
        }
    }

    @Test func aBinaryMessageTooManyEndsTheConnection() async throws {
        try await run { server, socket in
            try await socket.send(text: #"451-7["echo",{"_placeholder":true,"num":0}]"#)
            try await socket.send(binary: ByteBuffer(bytes: [1]))
            try await socket.send(binary: ByteBuffer(bytes: [2]))
            #expect(try await socket.text() == #"437[{"_placeholder":true,"num":0}]"#)
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
            #expect(server.server.socketStatistics.badPackets == [.unexpectedMessage: 1])
        }
    }

    @Test func theLargestAckIDIsAnswered() async throws {
        try await run { server, socket in
            try await socket.send(text: #"429007199254740992["echo",1]"#)
            #expect(try await socket.text() == "439007199254740992[1]")
            try await socket.send(text: "439007199254740992[1]")
            try await socket.send(text: Self.nested(64).replacing("42[", with: "420["))
            #expect(try await socket.text().hasPrefix("430[[["))
            await socket.abort()
            #expect(try await server.journal.next() == "transport close")
        }
    }

    @Test(arguments: [1009, 1007] as [UInt16]) func aMessageOverTheLimitIs1009AndOneThatIsNotUTF8Is1007(_ code: UInt16) async throws {
        try await run { server, socket in
            if code == 1009 {
                try? await socket.send(text: String(repeating: "4", count: 200_001))
            } else {
                // A masked text frame, the mask zero, of an overlong form.
                try await socket.send(bytes: ByteBuffer(bytes: [0x81, 0x83, 0, 0, 0, 0, 0x34, 0xC0, 0x80]))
            }
            #expect(try await socket.receive(within: .seconds(30)) == .close(code: code))
            #expect(try await server.journal.next() == "transport error")
        }
    }

    /// Over HTTP the body is accepted and the session is gone, as with the reference server.
    @Test(arguments: ["42{}", nested(65), "4511-[\"echo\"]", "47", "451-[\"echo\",{\"_placeholder\":true,\"num\":1}]\u{1E}bAQ=="])
    func overPollingTheSessionEndsToo(_ packet: String) async throws {
        try await TestServer.run(Self.define) { server in
            let client = try await SocketIOClient.connect(url: server.url, transport: .polling)
            let http = try await RawConnection.open(server.address)
            #expect(try await http.post(client.parameters.sid, packet).body == "ok")
            #expect(try await server.journal.next() == "parse error")
            #expect(try await http.post(client.parameters.sid, "3").body.contains("Session ID unknown"))
            await http.close()
            #expect(await client.waitUntilClosed() != .clientDisconnect)
            #expect(try await server.isEmpty())
        }
    }
}
