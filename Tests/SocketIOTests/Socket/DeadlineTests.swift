import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Socket.setDeadline", .timeLimit(.minutes(1)))
struct DeadlineTests {
    private static func alarm(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("set") { socket, arguments, ack in
            socket.setDeadline(after: arguments.string(0) == "soon" ? .milliseconds(50) : .seconds(60))
            ack?.send(json: "")
        }
        namespace.on("set and leave") { socket, _, _ in
            socket.setDeadline(after: .milliseconds(50))
            socket.disconnect()
            // The socket has ended; this one must not count either.
            socket.setDeadline(after: .milliseconds(50))
        }
        namespace.on("set and take back") { socket, _, ack in
            socket.setDeadline(after: .milliseconds(50))
            socket.setDeadline(after: nil)
            ack?.send(json: "")
        }
        namespace.onDeadline { socket in
            journal.write("deadline of \(socket.id)")
            socket.emit("deadline", json: "{}")
        }
    }

    @Test func theHandlerIsCalledOnceInTime() async throws {
        try await TestServer.run(Self.alarm) { server in
            let client = try await server.connect()
            #expect(try await client.ask("set", "\"soon\"") == "")
            #expect(try await server.journal.next() == "deadline of \(client.session.id)")
            #expect(try await client.next() == "deadline {}")
            // It can be set anew, and a later one replaces an earlier one.
            #expect(try await client.ask("set", "\"late\"") == "")
            #expect(try await client.ask("set", "\"soon\"") == "")
            #expect(try await client.next() == "deadline {}")
            await client.disconnect()
        }
    }

    @Test func aDeadlineTakenBackDoesNotCome() async throws {
        try await TestServer.run(Self.alarm) { server in
            let forgetful = try await server.connect()
            let other = try await server.connect()
            _ = try await forgetful.ask("set and take back")
            for _ in 0..<3 {
                _ = try await other.ask("set", "\"soon\"")
                #expect(try await server.journal.next() == "deadline of \(other.session.id)")
            }
            await forgetful.disconnect()
            await other.disconnect()
        }
    }

    @Test func aSocketThatHasEndedIsNotWoken() async throws {
        try await TestServer.run(Self.alarm) { server in
            let gone = try await server.connectedWebSocket()
            try await gone.send(text: #"42["set and leave"]"#)
            #expect(try await gone.text() == "41")
            let other = try await server.connect()
            for _ in 0..<3 {
                _ = try await other.ask("set", "\"soon\"")
                #expect(try await server.journal.next() == "deadline of \(other.session.id)")
            }
            await other.disconnect()
            await gone.abort()
        }
    }
}
