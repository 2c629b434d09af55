import EngineIO
import EngineIOCore
import JSONScan
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

@Suite("Engine.IO 3: connecting", .timeLimit(.minutes(1)))
struct Protocol3ConnectTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            let auth = request.auth.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "none"
            journal.write("\(request.namespace) \(request.revision) auth \(auth) query \(request.handshake?.query["token"] ?? "none")")
            if request.auth?.string("token") == "bad" || request.handshake?.query["token"] == "bad" {
                throw ConnectError(message: "401 not \"you\"", data: #"{"code":"AUTH_FAILED"}"#)
            }
        }
        namespace.on("who") { socket, _, ack in ack?.send(json: "\"\(socket.id)\"") }
    }

    private func run(_ namespaces: [String] = ["/", "/admin"], _ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.run(namespaces: namespaces, { $0.engine.allowEIO3 = true }, Self.define, body)
    }

    /// The server joins `/` for the client and tells it so, without the id, which the client has.
    @Test func theServerConnectsTheClientToTheRoot() async throws {
        try await run { server in
            let (socket, sid) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            try await socket.send(text: #"421["who"]"#)
            #expect(try await socket.text() == "431[\"\(sid)\"]")
            #expect(try await server.journal.next() == "/ three auth none query none")
            await socket.abort()
        }
    }

    @Test func overPollingTheRootComesRightAfterTheOpenPacket() async throws {
        try await TestServer.run {
            $0.engine.allowEIO3 = true
        } _: { namespace, _ in
            namespace.on("who") { socket, _, ack in ack?.send(json: "\"\(socket.id)\"") }
        } _: { server in
            let poller = try await Poller3.open(server.port)
            #expect(poller.greeting == "2:40")
            #expect(try await poller.post(#"10:421["who"]"#) == "ok")
            #expect(String(buffer: try await poller.poll()) == "27:431[\"\(poller.sid)\"]")
        }
    }

    @Test func aRefusalIsTheMessageAlone() async throws {
        try await run { server in
            let (socket, _) = try await server.webSocket3("&token=bad")
            #expect(try await socket.text() == #"44"401 not \"you\"""#)
            #expect(try await server.journal.next() == "/ three auth none query bad")
            try await socket.send(text: "40/admin?token=good,")
            #expect(try await socket.text() == #"44/admin,"401 not \"you\"""#)
            let isEmpty = try await server.isEmpty()
            #expect(isEmpty)
            await socket.abort()
        }
    }

    /// The query of the URL is for the application to use or not; the `auth` of `/` is empty.
    @Test func theQueryOfTheURLIsNoAuth() async throws {
        try await run { server in
            let (socket, _) = try await server.webSocket3("&token=good")
            #expect(try await socket.text() == "40")
            #expect(try await server.journal.next() == "/ three auth none query good")
            await socket.abort()
        }
    }

    @Test func theQueryOfANamespaceIsItsAuth() async throws {
        try await run { server in
            let (socket, sid) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            _ = try await server.journal.next()
            try await socket.send(text: "40/admin?token=a%22b&name=%C3%A9+x&token=last,")
            #expect(try await socket.text() == "40/admin,")
            #expect(try await server.journal.next() == #"/admin three auth {"token":"a\"b","name":"é x","token":"last"} query none"#)
            try await socket.send(text: #"42/admin,7["who"]"#)
            #expect(try await socket.text() == "43/admin,7[\"/admin#\(sid)\"]")
            await socket.abort()
        }
    }

    @Test(arguments: ["40/admin", "40/admin,", "40/admin?", "40/admin?,"])
    func aNamespaceNeedsNoQuery(_ packet: String) async throws {
        try await run { server in
            let (socket, _) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            try await socket.send(text: packet)
            #expect(try await socket.text() == "40/admin,")
            await socket.abort()
        }
    }

    @Test func aNamespaceRefusesByItself() async throws {
        try await run { server in
            let (socket, _) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            try await socket.send(text: "40/admin?token=bad,")
            #expect(try await socket.text() == #"44/admin,"401 not \"you\"""#)
            try await socket.send(text: "40/nope?token=good,")
            #expect(try await socket.text() == #"44/nope,"Invalid namespace""#)
            try await socket.send(text: "40/admin?token=good,")
            #expect(try await socket.text() == "40/admin,")
            await socket.abort()
        }
    }

    @Test func aServerWithoutARootSaysSo() async throws {
        try await run(["/admin"]) { server in
            let (socket, _) = try await server.webSocket3()
            #expect(try await socket.text() == #"44"Invalid namespace""#)
            try await socket.send(text: "40/admin,")
            #expect(try await socket.text() == "40/admin,")
            await socket.abort()
        }
    }

    /// Protocol 4 has a payload for it, and takes the query for a part of the name.
    @Test func inProtocol4TheQueryOfANamespaceIsNoAuth() async throws {
        try await run { server in
            let socket = try await server.webSocket()
            try await socket.send(text: "40/admin?token=bad,")
            #expect(try await socket.text() == #"44/admin?token=bad,{"message":"Invalid namespace"}"#)
            await socket.abort()
        }
    }

    /// Outside `/` it is the id behind the namespace's name, and nothing like it.
    @Test func itsIDStandsForTheSocketInBroadcasts() async throws {
        try await run { server in
            let (socket, sid) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            try await socket.send(text: "40/admin,")
            #expect(try await socket.text() == "40/admin,")
            let (root, admin) = (server.server.of("/"), server.server.of("/admin"))
            for id in [
                sid, "#\(sid)", "/admin\(sid)", "/admin:\(sid)", "/admit#\(sid)", "/#\(sid)", "/admin#\(sid)#", "/admin#\(sid.dropLast())",
            ] {
                admin.to(id).emit("wrong", json: "\"\(id)\"")
            }
            admin.to("/admin#\(sid)").emit("news", json: "1")
            #expect(try await socket.text() == #"42/admin,["news",1]"#)
            admin.except("/admin#\(sid)").emit("wrong", json: "2")
            admin.except(sid).emit("news", json: "3")
            #expect(try await socket.text() == #"42/admin,["news",3]"#)
            for id in ["/#\(sid)", "/admin#\(sid)"] { root.to(id).emit("wrong", json: "\"\(id)\"") }
            root.to(sid).emit("news", json: "4")
            #expect(try await socket.text() == #"42["news",4]"#)
            root.except(sid).emit("wrong", json: "5")
            root.except("/#\(sid)").emit("news", json: "6")
            #expect(try await socket.text() == #"42["news",6]"#)
            await socket.abort()
        }
    }

    /// Its id is its session's, so a session cannot be given back to it.
    @Test func thereIsNoRecovery() async throws {
        try await TestServer.run(namespaces: ["/", "/admin"]) {
            $0.engine.allowEIO3 = true
            $0.recovery = RecoveryConfiguration()
        } _: { namespace, _ in
            namespace.on("who") { socket, _, ack in ack?.send(json: "\"\(socket.id)\"") }
        } _: { server in
            let (socket, sid) = try await server.webSocket3()
            #expect(try await socket.text() == "40")
            try await socket.send(text: "40/admin?pid=aaaaaaaaaaaaaaaaaaaaaaaaaa&offset=b,")
            #expect(try await socket.text() == "40/admin,")
            try await socket.send(text: #"42/admin,1["who"]"#)
            #expect(try await socket.text() == "43/admin,1[\"/admin#\(sid)\"]")
            let statistics = server.server.recoveryStatistics("/admin")
            #expect(statistics?.refusals.isEmpty == true)
            await socket.abort()
        }
    }

    @Test func whoIsNotAllowedIsRefused() async throws {
        try await TestServer.run({ _, _ in }) { server in
            await #expect(throws: (any Error).self) { try await server.webSocket3() }
            await #expect(throws: Poller3.NoAnswer.self) { try await Poller3.open(server.port) }
        }
    }
}

extension TestServer {
    /// A WebSocket of Engine.IO 3 whose open packet has been read, and its session's id.
    func webSocket3(_ parameters: String = "") async throws -> (RawWebSocket, sid: String) {
        let socket = try await RawWebSocket.connect(url: "ws://127.0.0.1:\(port)/socket.io/?EIO=3&transport=websocket" + parameters)
        let open = try await socket.text()
        let sid = open.firstRange(of: "\"sid\":\"").map { open[$0.upperBound...].prefix(20) }
        return (socket, String(try #require(sid)))
    }
}
