import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Events and acks", .timeLimit(.minutes(1)))
struct EventTests {
    private static func echo(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.on("echo") { socket, arguments, ack in
            let event = OutgoingEvent("echo", json: arguments.joined, attachments: arguments.attachments)
            socket.emit(event)
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
        }
        namespace.on("silence") { _, _, _ in }
        namespace.onUnknown { socket, name, arguments, ack in
            ack?.send(json: "\"unknown\",\"\(name)\",\(arguments.count)")
        }
        namespace.on("ask") { socket, arguments, _ in
            let limit = arguments.string(0) == "briefly" ? Duration.milliseconds(100) : .seconds(60)
            Task {
                do {
                    let answer = try await socket.emitWithAck("question", json: ByteBuffer(string: "42"), timeout: limit)
                    journal.write("answered \(String(buffer: answer.joined))")
                } catch {
                    journal.write("\(error)")
                }
            }
        }
        namespace.on("end") { socket, _, _ in socket.closeTransport() }
    }

    @Test func eventsGoBothWaysInOrder() async throws {
        try await TestServer.run(Self.echo) { server in
            let client = try await server.connect()
            for number in 0..<100 { try await client.emit("echo", json: "\(number),{\"price\":105433.60000}") }
            for number in 0..<100 { #expect(try await client.next() == "echo \(number),{\"price\":105433.60000}") }
            await client.disconnect()
        }
    }

    @Test func anAckCarriesTheArgumentsAndAnEmptyOneNone() async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: #"4212["echo",1,"two"]"#)
            #expect(try await socket.text() == #"42["echo",1,"two"]"#)
            #expect(try await socket.text() == #"4312[1,"two"]"#)
            try await socket.send(text: #"420["echo"]"#)
            #expect(try await socket.text() == #"42["echo"]"#)
            #expect(try await socket.text() == "430[]")
            try await socket.send(text: #"42["echo",3]"#)
            #expect(try await socket.text() == #"42["echo",3]"#)
            await socket.abort()
        }
    }

    @Test func unknownEventsReachTheirHandler() async throws {
        try await TestServer.run(Self.echo) { server in
            let client = try await server.connect()
            #expect(try await client.ask("what", "1,2") == #""unknown","what",2"#)
            await client.disconnect()
        }
    }

    @Test func attachmentsInsideNestedObjectsComeThrough() async throws {
        try await TestServer.run(Self.echo) { server in
            let socket = try await server.connectedWebSocket()
            let json = #"{"a":{"_placeholder":true,"num":0}},[{"_placeholder":true,"num":1}]"#
            try await socket.send(text: "452-7[\"echo\",\(json)]")
            try await socket.send(binary: ByteBuffer(bytes: [0, 1, 255]))
            try await socket.send(binary: ByteBuffer(repeating: 9, count: 70_000))
            for header in ["452-[\"echo\",\(json)]", "462-7[\(json)]"] {
                #expect(try await socket.text() == header)
                #expect(try await socket.receive(within: .seconds(30)) == .binary(ByteBuffer(bytes: [0, 1, 255])))
                #expect(try await socket.receive(within: .seconds(30)) == .binary(ByteBuffer(repeating: 9, count: 70_000)))
            }
            await socket.abort()
        }
    }

    @Test func theServersQuestionIsAnswered() async throws {
        try await TestServer.run(Self.echo) { server in
            let client = try await server.connect()
            try await client.emit("ask")
            let question = try await client.event("question", within: .seconds(30))
            #expect(String(buffer: question.arguments.joined) == "42")
            let id = try #require(question.ackID)
            // An answer to nothing is ignored.
            try await client.ack(id + 1, json: "\"other\"")
            try await client.ack(id, json: "true,null")
            #expect(try await server.journal.next() == "answered true,null")
            // The same answer once more is none.
            try await client.ack(id, json: "false")
            #expect(try await client.ask("echo", "1") == "1")
            await client.disconnect()
        }
    }

    @Test func aQuestionWithoutAnswerTimesOutAndALateAnswerIsIgnored() async throws {
        try await TestServer.run(Self.echo) { server in
            let client = try await server.connect()
            try await client.emit("ask", json: "\"briefly\"")
            let question = try await client.event("question", within: .seconds(30))
            #expect(try await server.journal.next() == "timedOut")
            try await client.ack(try #require(question.ackID), json: "1")
            #expect(try await client.ask("echo", "1") == "1")
            await client.disconnect()
        }
    }

    @Test func aQuestionFailsWhenTheClientGoes() async throws {
        try await TestServer.run(Self.echo) { server in
            let client = try await server.connect()
            try await client.emit("ask")
            _ = try await client.event("question", within: .seconds(30))
            await client.disconnect()
            #expect(try await server.journal.next() == "disconnected")
        }
    }

    @Test func aQuestionToWhoHasGoneFailsAtOnce() async throws {
        try await TestServer.run { namespace, journal in
            namespace.onDisconnect { socket, _, _ in
                Task {
                    do { _ = try await socket.emitWithAck("question", json: ByteBuffer(), timeout: .seconds(60)) } catch {
                        journal.write("\(error)")
                    }
                }
            }
        } _: { server in
            try await server.connect().disconnect()
            #expect(try await server.journal.next() == "disconnected")
        }
    }

    @Test func theGateDecidesOnEachEvent() async throws {
        try await TestServer.run { namespace, _ in
            namespace.on("a") { _, _, ack in ack?.send(json: "\"handled\"") }
            namespace.on("b") { _, _, ack in ack?.send(json: "\"handled\"") }
            namespace.onEachEvent { _, name, ack in
                if name == "b" { ack?.send(json: "\"refused\"") }
                return name != "b"
            }
        } _: { server in
            let client = try await server.connect()
            #expect(try await client.ask("a") == "\"handled\"")
            #expect(try await client.ask("b") == "\"refused\"")
            await client.disconnect()
        }
    }
}
