import JSONScan
import SocketIO
import SocketIOClient
import SocketIOCore
import Testing

private struct Broken: Error {}

@Suite("Connecting", .timeLimit(.minutes(1)))
struct ConnectTests {
    private static func bouncer(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            switch request.auth?.string("token") {
            case "good": request.data = "alice"
            case "plain": throw ConnectError(message: "not \"you\"")
            case "broken": throw Broken()
            default: throw ConnectError(message: "401 who are you", data: #"{"code":"AUTH_FAILED","retryAfter":5}"#)
            }
        }
        namespace.use { request in
            journal.write("second middleware: \(request.data ?? "nothing") on \(request.namespace)")
            request.data = "\(request.data ?? "nothing") twice"
        }
        namespace.onConnect { $0.emit("welcome", json: "\"\($0.data ?? "nothing")\",1") }
    }

    @Test func theAuthPayloadReachesTheMiddlewareAndItsResultTheSocket() async throws {
        try await TestServer.run(Self.bouncer) { server in
            let client = try await server.connect(auth: #"{"token":"good"}"#)
            #expect(client.session.id.count == 20)
            #expect(client.session.id != client.parameters.sid)
            #expect(try await server.journal.next() == "second middleware: alice on /")
            #expect(try await client.next() == #"welcome "alice twice",1"#)
            await client.disconnect()
        }
    }

    @Test(arguments: [
        (#"{"token":"bad"}"#, #"{"message":"401 who are you","data":{"code":"AUTH_FAILED","retryAfter":5}}"#),
        (nil, #"{"message":"401 who are you","data":{"code":"AUTH_FAILED","retryAfter":5}}"#),
        (#"{"token":"plain"}"#, #"{"message":"not \"you\""}"#),
        // What went wrong inside is no business of the client's.
        (#"{"token":"broken"}"#, #"{"message":"internal error"}"#),
    ])
    func aRefusalSaysWhatTheMiddlewareSays(_ auth: String?, _ answer: String) async throws {
        try await TestServer.run(Self.bouncer) { server in
            let error = await #expect(throws: SocketIOConnectError.self) { try await server.connect(auth: auth) }
            #expect(error?.json == answer)
            let isEmpty = try await server.isEmpty()
            #expect(isEmpty)
        }
    }

    @Test func aRefusedClientMayTryAgainOnTheSameConnection() async throws {
        try await TestServer.run(Self.bouncer) { server in
            let socket = try await server.webSocket()
            try await socket.send(text: #"40{"token":"bad"}"#)
            #expect(try await socket.text().hasPrefix(#"44{"message":"401 "#))
            try await socket.send(text: #"40{"token":"good"}"#)
            #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
            #expect(try await socket.text() == #"42["welcome","alice twice",1]"#)
            await socket.abort()
        }
    }

    /// A packet that ends with its namespace may leave out the comma.
    @Test(arguments: ["/", "/admin"])
    func eachNamespaceGetsTheAuthOfItsOwnPacket(_ namespace: String) async throws {
        try await TestServer.run(namespaces: ["/", "/admin"]) { namespace, _ in
            namespace.use { $0.data = $0.auth?.string("token") ?? "none" }
            namespace.onConnect { $0.emit("auth", json: "\"\($0.data ?? "")\"") }
        } _: { server in
            let prefix = namespace == "/" ? "" : namespace + ","
            for (packet, token) in [
                ("40\(prefix)", "none"), ("40\(prefix){\"token\":\"123\"}", "123"), ("40\(prefix.dropLast())", "none"),
            ] {
                let socket = try await server.webSocket()
                try await socket.send(text: packet)
                #expect(try await socket.text().hasPrefix("40\(prefix){\"sid\":\""))
                #expect(try await socket.text() == "42\(prefix)[\"auth\",\"\(token)\"]")
                await socket.abort()
            }
        }
    }

    /// Those that know their answer at once give it in their turn, behind one that waits off the loop; what has to wait goes on with what
    /// they left.
    @Test func aMiddlewareMayDecideAtOnceOrWait() async throws {
        try await TestServer.run { namespace, _ in
            namespace.use { $0.data = "first" }
            namespace.use(
                atOnce: { request in
                    request.data = "at once"
                    return true
                },
                waiting: { $0.data = "\($0.data ?? "nothing"), waited" }
            )
            namespace.onConnect { $0.emit("data", json: "\"\($0.data ?? "")\"") }
        } _: { server in
            let socket = try await server.webSocket()
            try await socket.send(text: "40")
            #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
            #expect(try await socket.text() == #"42["data","first, waited"]"#)
            await socket.abort()
        }
        try await TestServer.run { namespace, _ in
            namespace.use(
                atOnce: { request in
                    let word = request.auth?.string("word")
                    if word == "no" { throw ConnectError(message: "at once") }
                    if word == "broken" { throw EmptyError() }
                    request.data = "at once"
                    return word != "wait"
                },
                waiting: { request in
                    if request.auth?.string("then") == "no" { throw ConnectError(message: "waited") }
                    request.data = "\(request.data ?? "nothing"), waited"
                }
            )
            namespace.onConnect { $0.emit("data", json: "\"\($0.data ?? "")\"") }
        } _: { server in
            for (auth, answer) in [
                (#"{"word":"no"}"#, #"44{"message":"at once"}"#), (#"{"word":"broken"}"#, #"44{"message":"internal error"}"#),
                (#"{"word":"wait","then":"no"}"#, #"44{"message":"waited"}"#),
            ] {
                let socket = try await server.webSocket()
                try await socket.send(text: "40" + auth)
                #expect(try await socket.text() == answer)
                // Who was refused may ask again.
                try await socket.send(text: #"40{"word":"go"}"#)
                #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
                #expect(try await socket.text() == #"42["data","at once"]"#)
                await socket.abort()
            }
            let socket = try await server.webSocket()
            try await socket.send(text: #"40{"word":"wait"}"#)
            #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
            #expect(try await socket.text() == #"42["data","at once, waited"]"#)
            await socket.abort()
        }
    }

    private struct EmptyError: Error {}

    @Test func anUnknownNamespaceIsInvalidAndAKnownOneBesideItWorks() async throws {
        try await TestServer.run(namespaces: ["/", "/admin"]) { namespace, _ in
            namespace.on("where") { socket, _, ack in ack?.send(json: "\"\(socket.namespace)\"") }
        } _: { server in
            let socket = try await server.webSocket()
            try await socket.send(text: "40/nope,")
            #expect(try await socket.text() == #"44/nope,{"message":"Invalid namespace"}"#)
            try await socket.send(text: "40/nope")
            #expect(try await socket.text() == #"44/nope,{"message":"Invalid namespace"}"#)
            try await socket.send(text: "40/admin?token=1,")
            #expect(try await socket.text() == #"44/admin?token=1,{"message":"Invalid namespace"}"#)
            try await socket.send(text: "40/admin,")
            #expect(try await socket.text().hasPrefix(#"40/admin,{"sid":""#))
            try await socket.send(text: "40")
            #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
            try await socket.send(text: #"42/admin,1["where"]"#)
            #expect(try await socket.text() == #"43/admin,1["/admin"]"#)
            try await socket.send(text: #"422["where"]"#)
            #expect(try await socket.text() == #"432["/"]"#)
            await socket.abort()
        }
    }

    @Test func whoConnectsToNoNamespaceIsClosedInTime() async throws {
        try await TestServer.run {
            $0.connectTimeout = .seconds(3)
        } _: { _, _ in
        } _: { server in
            let connected = try await server.connectedWebSocket()
            let silent = try await server.webSocket()
            #expect(try await silent.isClosed())
            try await connected.send(text: "40/nope,")
            #expect(try await connected.text() == #"44/nope,{"message":"Invalid namespace"}"#)
            await connected.abort()
        }
    }

    @Test func whoLeavesItsLastNamespaceHasTheSameTimeForTheNext() async throws {
        try await TestServer.run {
            $0.connectTimeout = .seconds(3)
        } _: { _, _ in
        } _: { server in
            let socket = try await server.connectedWebSocket()
            try await socket.send(text: "41")
            try await socket.send(text: "40")
            #expect(try await socket.text().hasPrefix(#"40{"sid":""#))
            try await socket.send(text: "41")
            #expect(try await socket.isClosed())
        }
    }
}
