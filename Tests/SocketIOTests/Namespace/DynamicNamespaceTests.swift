import JSONScan
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Dynamic namespaces", .timeLimit(.minutes(1)))
struct DynamicNamespaceTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            if request.auth?.bool("refused") == true { throw ConnectError(message: "not you") }
        }
        namespace.on("shout") { socket, _, ack in
            socket.broadcast.emit("heard", json: "\"\(socket.namespace)\"")
            ack?.send(json: "")
        }
        namespace.onDisconnect { socket, _, _ in journal.write("left \(socket.namespace)") }
    }

    private func run(
        _ configure: (inout SocketIOConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(dynamicPrefix: "/market-", configure, Self.define, body)
    }

    @Test func aNameThatTheFamilyTakesIsANamespaceOfItsOwn() async throws {
        try await run { server in
            let clients = [
                try await server.connect(namespace: "/market-a"), try await server.connect(namespace: "/market-a"),
                try await server.connect(namespace: "/market-b"),
            ]
            _ = try await clients[0].emitWithAck("shout", timeout: .seconds(30))
            server.server.of("/market-b").emit("heard", json: "\"b\"")
            #expect(try await clients[1].next() == #"heard "/market-a""#)
            #expect(try await clients[2].next() == #"heard "b""#)
            #expect(server.server.dynamicNamespaceCount == 2)
            for client in clients { await client.disconnect() }
        }
    }

    @Test func anotherNameIsInvalid() async throws {
        try await run { server in
            let error = await #expect(throws: SocketIOConnectError.self) { try await server.connect(namespace: "/other") }
            #expect(error?.message == "Invalid namespace")
            #expect(server.server.dynamicNamespaceCount == 0)
        }
    }

    @Test func itIsGoneWithItsLastClient() async throws {
        try await run { server in
            let client = try await server.connect(namespace: "/market-a")
            #expect(server.server.dynamicNamespaceCount == 1)
            await client.disconnect()
            #expect(try await server.journal.next() == "left /market-a")
            #expect(server.server.dynamicNamespaceCount == 0)
        }
    }

    @Test func whoIsRefusedLeavesNothingBehind() async throws {
        try await run { server in
            let error = await #expect(throws: SocketIOConnectError.self) {
                try await server.connect(auth: #"{"refused":true}"#, namespace: "/market-a")
            }
            #expect(error?.message == "not you")
            #expect(server.server.dynamicNamespaceCount == 0)
        }
    }

    @Test func theirNumberIsBounded() async throws {
        try await run {
            $0.maxDynamicNamespaces = 1
        } _: { server in
            let first = try await server.connect(namespace: "/market-a")
            let error = await #expect(throws: SocketIOConnectError.self) { try await server.connect(namespace: "/market-b") }
            #expect(error?.message == "Invalid namespace")
            #expect(server.server.socketStatistics.refusedNamespaces == [.tooManyDynamicNamespaces: 1])
            await #expect(throws: SocketIOConnectError.self) { try await server.connect(namespace: "/nope") }
            #expect(server.server.socketStatistics.refusedNamespaces == [.tooManyDynamicNamespaces: 1, .unknown: 1])
            let second = try await server.connect(namespace: "/market-a")
            for client in [first, second] { await client.disconnect() }
        }
    }

    @Test func theNamespacesOfOneClientAreBounded() async throws {
        try await run {
            $0.maxNamespacesPerConnection = 2
        } _: { server in
            let socket = try await server.webSocket()
            for name in ["/market-a", "/market-b"] {
                try await socket.send(text: "40\(name),")
                #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40\(name),"))
            }
            try await socket.send(text: "40/market-c,")
            #expect(try await socket.receiveText(within: .seconds(30)) == #"44/market-c,{"message":"Too many namespaces"}"#)
            #expect(server.server.socketStatistics.refusedNamespaces == [.tooManyNamespacesOfConnection: 1])
            try await socket.send(text: "41/market-a,")
            try await socket.send(text: "40/market-c,")
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40/market-c,"))
            await socket.abort()
        }
    }
}
