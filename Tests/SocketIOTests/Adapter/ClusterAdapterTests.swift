import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import SocketIOTesting
import Testing

@Suite("Several servers", .timeLimit(.minutes(1)))
struct ClusterAdapterTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.onConnect { $0.data = "kept here" }
        namespace.onDescribe { "{\"short\":\"\($0.id.prefix(3))\"}" }
        namespace.on("join") { socket, arguments, ack in
            ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)")
        }
        namespace.onServerSide("hello") { arguments, ack in
            journal.write("hello \(String(buffer: arguments.joined)), ack: \(ack != nil)")
            ack?.send(json: arguments.json(0) ?? ByteBuffer(string: "0"))
            ack?.send(json: "\"again\"")
        }
    }

    private func join(_ client: SocketIOClient, _ room: String) async throws {
        #expect(try await client.ask("join", "\"\(room)\"") == "true")
    }

    /// Expects of each client what it has got before a mark that comes from the first node.
    private func expect(
        _ cluster: TestCluster,
        _ clients: [SocketIOClient],
        _ expected: [[String]],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        cluster.of(0).emit("mark", json: "1")
        var received: [[String]] = []
        for client in clients { received.append(try await client.events(before: "mark")) }
        #expect(received == expected, sourceLocation: sourceLocation)
    }

    @Test func aBroadcastReachesTheSocketsOfAll() async throws {
        try await TestCluster.run(3, Self.define) { cluster in
            let clients = try await cluster.clients()
            try await join(clients[1], "a")
            try await join(clients[2], "a")
            try await join(clients[2], "b")
            cluster.of(0).emit("all", json: "1.50")
            cluster.of(0).to("a").emit("room", json: "2")
            cluster.of(0).to(["a", "b"]).except("b").emit("one", json: "3")
            cluster.of(0).to(clients[2].session.id).emit("id", json: "4")
            cluster.of(0).local.emit("local", json: "5")
            cluster.of(0, "/other").emit("elsewhere", json: "6")
            try await expect(
                cluster,
                clients,
                [["all 1.50", "local 5"], ["all 1.50", "room 2", "one 3"], ["all 1.50", "room 2", "id 4"]]
            )
            for client in clients { await client.disconnect() }
        }
    }

    @Test func aSocketsBroadcastLeavesItOutWhereverItIs() async throws {
        try await TestCluster.run(2) { namespace, _ in
            namespace.on("shout") { socket, arguments, _ in
                socket.broadcast.emit(OutgoingEvent("shouted", json: arguments.joined, attachments: arguments.attachments))
            }
        } _: { cluster in
            let clients = try await cluster.clients()
            try await clients[1].emit("shout", json: #"{"_placeholder":true,"num":0},[1]"#, attachments: [ByteBuffer(bytes: [7])])
            let event = try await clients[0].event("shouted", within: .seconds(30))
            #expect(event.arguments.binary(0) == ByteBuffer(bytes: [7]))
            cluster.of(0).emit("mark", json: "1")
            #expect(try await clients[1].next() == "mark 1")
            for client in clients { await client.disconnect() }
        }
    }

    @Test func answersComeFromTheClientsOfAll() async throws {
        try await TestCluster.run(3, Self.define) { cluster in
            let clients = try await cluster.clients() + [try await cluster.nodes[2].connect()]
            async let answers = cluster.of(1).emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .seconds(30))
            for (index, client) in clients.enumerated() {
                let event = try await client.event("question", within: .seconds(30))
                #expect(String(buffer: event.arguments.joined) == "1")
                try await client.ack(try #require(event.ackID), json: "\(index)")
            }
            #expect(Set(await answers.map { String(buffer: $0.joined) }) == ["0", "1", "2", "3"])
            // Binary ones too.
            let blob = ByteBuffer(bytes: [0, 255])
            async let binary = cluster.of(1).to(clients[0].session.id).emitWithAck("question", json: ByteBuffer(), timeout: .seconds(30))
            let asked = try #require(try await clients[0].event("question", within: .seconds(30)).ackID)
            try await clients[0].ack(asked, json: #"{"_placeholder":true,"num":0}"#, attachments: [blob])
            #expect(await binary.map { $0.binary(0) } == [blob])
            // Nobody to answer: that is known at once.
            let none = await cluster.of(0).to("nobody").emitWithAck("question", json: ByteBuffer(), timeout: .seconds(100))
            #expect(none.isEmpty)
            async let own = cluster.of(0).local.emitWithAck("question", json: ByteBuffer(), timeout: .seconds(100))
            try await clients[0].ack(try #require(try await clients[0].event("question", within: .seconds(30)).ackID), json: "8")
            #expect(await own.map { String(buffer: $0.joined) } == ["8"])
            for client in clients { await client.disconnect() }
        }
    }

    @Test func whoDoesNotAnswerInTimeIsMissing() async throws {
        try await TestCluster.run(2, Self.define) { cluster in
            let clients = try await cluster.clients()
            async let answers = cluster.of(0).emitWithAck("question", json: ByteBuffer(string: "1"), timeout: .seconds(8))
            try await clients[1].ack(try #require(try await clients[1].event("question", within: .seconds(30)).ackID), json: "9")
            #expect(await answers.map { String(buffer: $0.joined) } == ["9"])
            for client in clients { await client.disconnect() }
        }
    }

    @Test(arguments: [false, true])
    func socketsAreDescribedJoinAndLeave(_ countsServers: Bool) async throws {
        try await TestCluster.run(3, cluster: InMemoryCluster(countsServers: countsServers), Self.define) { cluster in
            let clients = try await cluster.clients()
            #expect(try await cluster.of(1).serverCount() == 3)
            cluster.of(0).except(clients[1].session.id).socketsJoin("a", "b")
            for client in clients { _ = try await client.ask("join", "\"c\"") }
            cluster.of(1).to("a").socketsLeave("c")
            for client in clients { _ = try await client.ask("join", "\"d\"") }
            let found = try await cluster.of(2).fetchSockets()
            let rooms = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.rooms) })
            #expect(rooms[clients[0].session.id] == ["a", "b", "d"])
            #expect(rooms[clients[1].session.id] == ["c", "d"])
            #expect(rooms[clients[2].session.id] == ["a", "b", "d"])
            // What the application remembers stays where it is; others are told what it says.
            for socket in found {
                let isHere = socket.id == clients[2].session.id
                #expect((socket.data as? String) == (isHere ? "kept here" : nil))
                #expect(socket.json.map { String(buffer: $0) } == (isHere ? nil : "{\"short\":\"\(socket.id.prefix(3))\"}"))
                #expect((socket.server == nil) == isHere)
            }
            #expect(try await cluster.of(2).local.fetchSockets().count == 1)
            for client in clients { await client.disconnect() }
        }
    }

    @Test func socketsAreDisconnectedWhereverTheyAre() async throws {
        try await TestCluster.run(2, Self.define) { cluster in
            let clients = try await cluster.clients()
            cluster.of(0).to(clients[1].session.id).disconnectSockets()
            #expect(try await clients[1].end() == .serverDisconnect)
            cluster.of(1).disconnectSockets(close: true)
            #expect(try await clients[0].end() == .serverDisconnect)
        }
    }

    @Test func serversSendEachOtherEvents() async throws {
        try await TestCluster.run(3, Self.define) { cluster in
            cluster.of(0).serverSideEmit("hello", json: "1,\"x\"")
            for index in [1, 2] { #expect(try await cluster.nodes[index].journal.next() == "hello 1,\"x\", ack: false") }
            cluster.of(0).serverSideEmit("nobody handles this")
            let answers = try await cluster.of(1).serverSideEmitWithAck("hello", json: "2")
            #expect(answers.map { String(buffer: $0) } == ["2", "2"])
            for index in [0, 2] { #expect(try await cluster.nodes[index].journal.next() == "hello 2, ack: true") }
        }
    }

    @Test func aServerThatDoesNotAnswerIsCounted() async throws {
        var settings = ClusterConfiguration()
        settings.requestTimeout = .seconds(6)
        // Who is cut off is not given up meanwhile.
        settings.heartbeatTimeout = .seconds(600)
        try await TestCluster.run(3, settings: settings, Self.define) { cluster in
            cluster.cluster.cutOff([cluster.cluster.servers()[2]])
            let error = await #expect(throws: ClusterError.self) { try await cluster.of(0).serverSideEmitWithAck("hello") }
            #expect(error == .timedOut(missing: 1))
            await #expect(throws: ClusterError.timedOut(missing: 1)) { try await cluster.of(1).fetchSockets() }
        }
    }

    /// A server that has gone is not waited for, whether it says so or falls silent.
    @Test func nobodyWaitsForAServerThatHasGone() async throws {
        var settings = ClusterConfiguration()
        settings.heartbeatInterval = .milliseconds(500)
        settings.heartbeatTimeout = .seconds(8)
        settings.requestTimeout = .seconds(60)
        try await TestCluster.run(3, settings: settings, Self.define) { cluster in
            await cluster.nodes[2].server.shutdown()
            #expect(try await cluster.of(0).serverCount() == 2)
            #expect(try await cluster.of(0).serverSideEmitWithAck("hello", json: "1").count == 1)
            cluster.cluster.cutOff([cluster.cluster.servers()[1]])
            #expect(try await cluster.of(0).fetchSockets().isEmpty)
            #expect(try await cluster.of(0).serverCount() == 1)
            // It was not dead, only out of reach.
            cluster.cluster.cutOff([])
            while try await cluster.of(0).serverCount() != 2 { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    @Test func requestsUnderWayAreBounded() async throws {
        var settings = ClusterConfiguration()
        settings.maxRequests = 1
        settings.requestTimeout = .seconds(60)
        try await TestCluster.run(2, settings: settings) { namespace, journal in
            namespace.onServerSide("silence") { _, _ in journal.write("asked") }
        } _: { cluster in
            let first = Task { try await cluster.of(0).serverSideEmitWithAck("silence") }
            let asked = try await cluster.nodes[1].journal.next()
            #expect(asked == "asked")
            await #expect(throws: ClusterError.tooManyRequests) { try await cluster.of(0).serverSideEmitWithAck("silence") }
            // The end of the server ends what it waits for.
            await cluster.nodes[0].server.shutdown()
            await #expect(throws: ClusterError.timedOut(missing: 1)) { try await first.value }
        }
    }

    @Test func heartbeatsAreThoseOfTheReference() async throws {
        try await TestCluster.run(2) { _, _ in
        } _: { cluster in
            let sent = cluster.cluster.messages.filter { $0.namespace == "/" }
            let ids = cluster.cluster.servers()
            #expect(ids.allSatisfy { $0.utf8.count == 16 && UInt64($0, radix: 16) != nil })
            // The second asks who is there, and the first answers; before, nobody was there to answer.
            #expect(sent.map(\.sender) == [ids[0], ids[1], ids[0]])
            #expect(sent.map(\.body) == [.initialHeartbeat, .initialHeartbeat, .heartbeat])
            await cluster.nodes[0].server.shutdown()
            #expect(cluster.cluster.messages.last { $0.namespace == "/" }?.body == .close)
            #expect(cluster.cluster.servers() == [ids[1]])
        }
    }

    /// A process that only emits is no server.
    @Test func anEmitterIsNotCounted() async throws {
        try await TestCluster.run(1, Self.define) { cluster in
            let client = try await cluster.nodes[0].connect()
            let event = ClusterEvent("news", arguments: ByteBuffer(string: "1"))
            let body = ClusterMessage.Body.broadcast(event, ClusterOptions(), requestID: nil)
            cluster.cluster.publish(ClusterMessage(sender: ClusterMessage.emitter, namespace: "/", body: body))
            #expect(try await client.next() == "news 1")
            #expect(try await cluster.of(0).serverCount() == 1)
            await client.disconnect()
        }
    }
}
