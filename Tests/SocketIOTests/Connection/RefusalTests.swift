import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Packets that end a connection, and packets that do not", .timeLimit(.minutes(1)))
struct RefusalTests {
    private static func echo(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("echo") { _, arguments, ack in ack?.send(json: arguments.joined) }
        namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
    }

    @Test(arguments: [
        "40", "40{}", "42{}", "42", "42[]", "42[null]", #"42["echo""#, #"42["connect"]"#, #"42["connect_error",1]"#, #"42["disconnect"]"#,
        #"42["disconnecting"]"#, #"42["newListener"]"#, #"42["removeListener"]"#, #"42/other,["echo"]"#, "430{}", #"44{"message":"x"}"#,
        "49", "4", "4abc", #"42abc["echo"]"#, #"429007199254740993["echo"]"#, #"4511-["echo"]"#, "43/other,0[]",
    ])
    func theseEndIt(_ packet: String) async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: packet)
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
            #expect(try await server.isEmpty())
        }
    }

    @Test(arguments: [
        #"42[1,"echo"]"#, "4399[1]", #"43["no id"]"#, #"4299["nobody handles this"]"#, "3", "6", "5", "41/other,",
        #"42["echo",{"_placeholder":true,"num":0}]"#, #"450-["echo"]"#,
    ])
    func theseDoNot(_ packet: String) async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: packet)
            try await socket.send(text: #"427["echo",true]"#)
            #expect(try await socket.text() == "437[true]")
            await socket.abort()
        }
    }

    @Test(arguments: [#"42["echo"]"#, "4abc", "430[]", #"40"x""#, "40[1]", "40{", "42{}"])
    func beforeTheConnectPacketTheseEndIt(_ packet: String) async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.webSocket()
            try await socket.send(text: packet)
            #expect(try await socket.isClosed())
        }
    }

    @Test func anEventAfterTheDisconnectPacketEndsIt() async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: "41")
            #expect(try await server.journal.next() == "client namespace disconnect")
            try await socket.send(text: #"42["echo"]"#)
            #expect(try await socket.isClosed())
        }
    }

    @Test func aSecondConnectWhileTheFirstIsDecidedEndsIt() async throws {
        let (decision, decided) = AsyncStream<Void>.makeStream()
        try await TestServer.run { namespace, journal in
            namespace.use { _ in
                journal.write("deciding")
                for await _ in decision {}
            }
        } _: { server in
            defer { decided.finish() }
            let socket = try await server.webSocket()
            try await socket.send(text: "40")
            #expect(try await server.journal.next() == "deciding")
            try await socket.send(text: "40")
            #expect(try await socket.isClosed())
        }
    }

    @Test func aStrayBinaryEndsIt() async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(binary: ByteBuffer(bytes: [1]))
            #expect(try await socket.isClosed())
            #expect(try await server.journal.next() == "parse error")
        }
    }

    @Test func textWhereAnAttachmentIsDueEndsItAndAnAttachmentDoesNot() async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            let packet = #"451-1["echo",{"_placeholder":true,"num":0},2]"#
            try await socket.send(text: packet)
            try await socket.send(binary: ByteBuffer(bytes: [1]))
            #expect(try await socket.text() == #"431[{"_placeholder":true,"num":0},2]"#)
            try await socket.send(text: packet)
            try await socket.send(text: #"42["echo"]"#)
            #expect(try await socket.isClosed())
        }
    }
}
