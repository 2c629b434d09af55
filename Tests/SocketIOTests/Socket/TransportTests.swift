import EngineIO
import EngineIOCore
import NIOCore
import SocketIOClient
import TestSupport
import Testing

@testable import SocketIO

@Suite("A socket's transport", .timeLimit(.minutes(1)))
struct TransportTests {
    @Test func theOpeningRequestIsForgottenWhenItIsReleased() async throws {
        try await TestServer.run { namespace, journal in
            namespace.onConnect { socket in
                journal.write(socket.connection.handshake?.query["token"] ?? "none")
                socket.releaseHandshake()
                journal.write(socket.connection.handshake?.query["token"] ?? "none")
            }
        } _: { server in
            let socket = try await RawWebSocket.connect(
                url: "ws://127.0.0.1:\(server.port)/socket.io/?EIO=4&transport=websocket&token=secret"
            )
            _ = try await socket.receiveText(within: .seconds(30))
            try await socket.send(text: "40")
            #expect(try await server.journal.next() == "secret")
            #expect(try await server.journal.next() == "none")
            // It lives on as before.
            #expect(try await socket.receiveText(within: .seconds(30)).hasPrefix("40{"))
        }
    }

    @Test func aPollingClientTakesSomethingOnlyWhileAPollIsPending() async throws {
        try await TestServer.run { namespace, journal in
            namespace.on("look") { socket, _, _ in journal.write("\(socket.isWritable)") }
        } _: { server in
            let client = try await RawConnection.open(server.address)
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, "40").body == "ok")
            #expect(try await client.poll(sid).body.hasPrefix("40{"))
            #expect(try await client.post(sid, #"42["look"]"#).body == "ok")
            #expect(try await server.journal.next() == "false")

            try await client.request("GET", RawConnection.enginePath + "&sid=\(sid)")
            let poster = try await RawConnection.open(server.address)
            // The GET goes its own way to the session's loop: asked until it is there.
            repeat { #expect(try await poster.post(sid, #"42["look"]"#).body == "ok") } while try await server.journal.next() == "false"
        }
    }
}
