import JSONScan
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

private struct Refused: Error {
    var reason: String
}

@Suite("Middleware for events", .timeLimit(.minutes(1)))
struct EventMiddlewareTests {
    /// Each event, its middleware and its handler write what they see.
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onAny { _, name, _ in journal.write("listener \(name)") }
        namespace.on("go") { _, arguments, ack in
            journal.write("go \(String(buffer: arguments.joined))")
            ack?.send(json: arguments.joined)
        }
        namespace.onEventError { _, event, error in
            let reason = (error as? Refused)?.reason ?? "?"
            journal.write("error \(event.name): \(reason)")
            event.ack?.send(json: JSONString.literal(reason))
        }
    }

    @Test func itSeesEachEventAndMayRefuseIt() async throws {
        try await TestServer.run { namespace, journal in
            namespace.useForEvents { _, event in
                journal.write("first \(event.name)")
                if event.name == "no" { throw Refused(reason: "not this") }
            }
            namespace.useForEvents { _, event in journal.write("second \(event.name)") }
            Self.define(&namespace, journal)
        } _: { server in
            let client = try await server.connect()
            #expect(try await client.ask("go", "1") == "1")
            for line in ["first go", "second go", "listener go", "go 1"] { #expect(try await server.journal.next() == line) }
            #expect(try await client.ask("no", "1") == "\"not this\"")
            for line in ["first no", "error no: not this"] { #expect(try await server.journal.next() == line) }
            #expect(try await client.ask("go", "2") == "2")
            await client.disconnect()
        }
    }

    @Test func oneThatWaitsKeepsTheOrder() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await TestServer.run { namespace, journal in
            namespace.useForEvents(waiting: { _, event in
                guard event.name == "slow" else { return }
                journal.write("waits")
                for await _ in gate { break }
                if event.arguments.bool(0) { throw Refused(reason: "too late") }
            })
            namespace.useForEvents { _, event in journal.write("then \(event.name)") }
            Self.define(&namespace, journal)
            namespace.on("slow") { _, _, _ in journal.write("slow") }
        } _: { server in
            let client = try await server.connect()
            try await client.emit("slow", json: "false")
            for number in 0..<5 { try await client.emit("go", json: "\(number)") }
            try await client.emit("slow", json: "true")
            try await client.emit("go", json: "5")
            #expect(try await server.journal.next() == "waits")
            opener.yield()
            var expected = ["then slow", "listener slow", "slow"]
            for number in 0..<5 { expected += ["then go", "listener go", "go \(number)"] }
            expected += ["waits"]
            for line in expected { #expect(try await server.journal.next() == line) }
            opener.yield()
            for line in ["error slow: too late", "then go", "listener go", "go 5"] { #expect(try await server.journal.next() == line) }
            await client.disconnect()
        }
    }

    @Test func whoEndsMeanwhileIsHandledNoMore() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await TestServer.run { namespace, journal in
            namespace.useForEvents(waiting: { _, _ in
                journal.write("waits")
                for await _ in gate { break }
                journal.write("waited")
            })
            Self.define(&namespace, journal)
            namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
        } _: { server in
            let client = try await server.connect()
            for number in 0..<3 { try await client.emit("go", json: "\(number)") }
            #expect(try await server.journal.next() == "waits")
            await client.disconnect()
            #expect(try await server.journal.next() == "client namespace disconnect")
            opener.finish()
            #expect(try await server.journal.next() == "waited")
            let other = try await server.connect()
            #expect(try await other.ask("go", "9") == "9")
            for line in ["waits", "waited", "listener go", "go 9"] { #expect(try await server.journal.next() == line) }
            await other.disconnect()
        }
    }

    @Test func whatWaitsIsBounded() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await TestServer.run {
            $0.maxWaitingEvents = 3
        } _: { namespace, journal in
            namespace.useForEvents(waiting: { _, _ in for await _ in gate { break } })
            namespace.onDisconnect { _, reason, _ in journal.write(reason.text) }
        } _: { server in
            defer { opener.finish() }
            let client = try await server.connect()
            for number in 0..<4 { try await client.emit("go", json: "\(number)") }
            server.server.of("/").emit("mark", json: "1")
            #expect(try await client.next() == "mark 1")
            try await client.emit("go", json: "4")
            #expect(try await server.journal.next() == "forced close")
            #expect(try await client.end() == .transportClose)
        }
    }
}

extension EventArguments {
    fileprivate func bool(_ index: Int) -> Bool { kind(index) == .true }
}
