import EngineIO
import Foundation
import JSONScan
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Synchronization
import TestSupport
import Testing

/// Valid sessions with mistakes in them, thousands of them, from several clients at once, over both transports.
///
/// `MOONX_MUTATIONS=100000` asks for more of them than the usual 3,000.
@Suite("Mutated sessions", .timeLimit(.minutes(30)))
struct SessionMutationTests {
    private static let total = ProcessInfo.processInfo.environment["MOONX_MUTATIONS"].flatMap { Int($0) } ?? 3_000
    private static let clients = 8

    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            if request.auth?.bool("refused") == true { throw ConnectError(message: "no") }
        }
        namespace.on("echo") { socket, arguments, ack in
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
            socket.emit(OutgoingEvent("echo", json: arguments.joined, attachments: arguments.attachments, namespace: socket.namespace))
        }
        namespace.on("join") { socket, arguments, _ in socket.join(arguments.string(0) ?? "room") }
        namespace.on("ask") { socket, _, _ in
            Task { _ = try? await socket.emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .milliseconds(200)) }
        }
        namespace.on("bye") { socket, _, _ in socket.disconnect() }
    }

    @Test(arguments: [SocketIOParser.json, .msgpack])
    func theyLeaveTheServerAliveAndEmpty(_ parser: SocketIOParser) async throws {
        try await TestServer.run(namespaces: ["/", "/other"], dynamicPrefix: "/dynamic-") {
            $0.parser = parser
            $0.connectTimeout = .seconds(5)
            $0.engine.pingInterval = .milliseconds(500)
            $0.engine.pingTimeout = .seconds(20)
            $0.engine.keepAliveTimeout = .seconds(20)
        } _: {
            Self.define(&$0, $1)
        } _: { server in
            var options = SocketIOClientOptions()
            options.parser = parser
            let neighbour = try await SocketIOClient.connect(url: server.url, options: options)
            let isDone = Atomic(false)
            async let mutations: Void = withThrowingTaskGroup { group in
                defer { isDone.store(true, ordering: .releasing) }
                for client in 0..<Self.clients {
                    group.addTask { try await Self.attack(server.address, Mutator(seed: UInt64(client), parser: parser)) }
                }
                try await group.waitForAll()
            }
            // The neighbour is served all the while, completely and in order.
            var number = 0
            while !isDone.load(ordering: .acquiring) {
                number += 1
                let answer = try await neighbour.emitWithAck("echo", json: "\(number)", timeout: .seconds(60))
                #expect(String(buffer: answer.joined) == "\(number)")
                #expect(try await neighbour.next() == "echo \(number)")
            }
            try await mutations
            await neighbour.disconnect()
            try await Self.untilEmpty(server)
            // The mistakes do reach the packet decoder, not only the layers before it.
            #expect(server.server.socketStatistics.badPackets.values.reduce(0, +) > Self.total / 100)
        }
    }

    private static func attack(_ address: SocketAddress, _ mutator: Mutator) async throws {
        var mutator = mutator
        for number in 0..<(total / 2 / clients) {
            let peer = try await RawConnection.open(address)
            if number % 8 == 0 {
                // A session that polls; what ends it early ends the connection's use too.
                let sid = try await peer.openPolling()
                _ = try await peer.post(sid, mutator.pollingBody())
                _ = try await peer.post(sid, "1")
            } else {
                try? await peer.send(mutator.webSocketSession())
                await peer.closeOutput()
                try await peer.end()
            }
            await peer.close()
        }
    }

    /// Waits until no session, socket, room, dynamic namespace or queued byte is left: sessions without a `1` end with their pings.
    private static func untilEmpty(_ server: TestServer) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let statistics = await server.server.statistics()
            let isRootEmpty = try await server.isEmpty()
            let isOtherEmpty = try await server.isEmpty("/other")
            let sessions = statistics.openPolling + statistics.openWebSocket
            if isRootEmpty, isOtherEmpty, sessions == 0, statistics.queuedBytes == 0, server.server.dynamicNamespaceCount == 0 { return }
            guard ContinuousClock.now < deadline else {
                Issue.record(
                    "left: \(sessions) sessions, \(statistics.queuedBytes) bytes, \(server.server.dynamicNamespaceCount) namespaces"
                )
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
