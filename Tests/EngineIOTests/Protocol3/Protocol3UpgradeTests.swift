import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3: upgrade")
struct Protocol3UpgradeTests {
    private let path = RawConnection.enginePath3

    @Test(arguments: [1, 2])
    func pollingMovesToWebSocket(_ loops: Int) async throws {
        try await EchoServer.run3(loops: loops) { server in
            for round in 0..<8 {
                let poller = try await server.connect()
                let sid = try await poller.openPolling3(round % 3 == 0 ? "&b64=1" : "")
                if round % 2 == 1 { _ = try await server.connect().exchange("GET", "/") }
                try await poller.request("GET", path + "&sid=\(sid)")

                let socket = try await server.connect()
                #expect(try await socket.upgrade3("&sid=\(sid)").status == 101)
                try await socket.send(clientFrame("2probe"))
                #expect(try await socket.frame() == .text("3probe"))
                #expect(try await poller.answer().body == "1:6")
                try await socket.send(clientFrame("5"))
                try await socket.send(clientFrame("4round \(round)"))
                #expect(try await socket.frame() == .text("4round \(round)"))
                // The WebSocket carries binary messages whatever the polls said.
                try await socket.send(clientFrame(2, ByteBuffer(bytes: [4, 1])))
                #expect(try await socket.frame() == .binary([4, 1]))
                try await socket.send(clientFrame("2"))
                #expect(try await socket.frame() == .text("3"))

                let late = try await poller.poll3(sid)
                #expect(late.status == 400)
                #expect(late.body == EngineRequestError.badRequest.body)
            }
            let statistics = await server.server.statistics()
            #expect(statistics.upgrades == 8)
            #expect(statistics.openWebSocket == 8)
        }
    }

    @Test func whatIsQueuedTakesTheFormOfTheWebSocket() async throws {
        try await EchoServer.run3 { server in
            for (parameters, binary) in [("", ServerFrame.binary([4, 1, 2, 3])), ("&b64=1", .text("b4AQID"))] {
                let poller = try await server.connect()
                let sid = try await poller.openPolling3()
                let socket = try await server.connect()
                #expect(try await socket.upgrade3("&sid=\(sid)" + parameters).status == 101)
                try await socket.send(clientFrame("2probe"))
                #expect(try await socket.frame() == .text("3probe"))
                #expect(try await poller.post3(sid, "2:4b6:b4AQID2:4c").body == "ok")
                try await socket.send(clientFrame("5"))
                #expect(try await socket.frame() == .text("4b"))
                #expect(try await socket.frame() == binary)
                #expect(try await socket.frame() == .text("4c"))
            }
            let statistics = await server.server.statistics()
            #expect(statistics.queuedBytes == 0)
        }
    }

    @Test func aPollAfterTheProbeIsReleasedAtOnce() async throws {
        try await EchoServer.run3 { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling3("&b64=1")
            let socket = try await server.connect()
            #expect(try await socket.upgrade3("&sid=\(sid)").status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.poll3(sid).body == "1:6")
            try await socket.send(clientFrame("5"))
            try await socket.send(clientFrame("4a"))
            #expect(try await socket.frame() == .text("4a"))
        }
    }

    @Test func afterTheUpgradeAnotherWebSocketIsClosedAndTheFirstLivesOn() async throws {
        try await EchoServer.run3 { server in
            let sid = try await server.connect().openPolling3()
            let socket = try await server.connect()
            #expect(try await socket.upgrade3("&sid=\(sid)").status == 101)
            for text in ["2probe", "5", "4a"] { try await socket.send(clientFrame(text)) }
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await socket.frame() == .text("4a"))
            let other = try await server.connect()
            #expect(try await other.upgrade3("&sid=\(sid)").status == 101)
            #expect(try await other.frame() == .close(nil))
            try await socket.send(clientFrame("4b"))
            #expect(try await socket.frame() == .text("4b"))
        }
    }

    @Test func aLostProbeLeavesTheSessionPolling() async throws {
        try await EchoServer.run3 { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling3()
            let lost = try await server.connect()
            #expect(try await lost.upgrade3("&sid=\(sid)").status == 101)
            try await lost.send(clientFrame("4a"))
            #expect(try await lost.frame() == .close(nil))
            #expect(try await poller.post3(sid, "6:b4AQID").body == "ok")
            #expect(try await poller.poll3(sid).bytes == ByteBuffer(bytes: [1, 4, 255, 4, 1, 2, 3]))
        }
    }
}
