import EngineIO
import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("Protocol 3: JSONP")
struct JSONPPollingTests {
    private func post(_ client: RawConnection, _ sid: String, _ form: String) async throws -> HTTPAnswer {
        try await client.post3(sid, ByteBuffer(string: form), contentType: "application/x-www-form-urlencoded")
    }

    @Test func handshake() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let answer = try await client.exchange("GET", RawConnection.enginePath3 + "&j=3")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/javascript; charset=UTF-8")
            #expect(answer.body.hasPrefix(#"___eio[3]("97:0{\"sid\":\""#))
            #expect(answer.body.hasSuffix(#"\"pingTimeout\":20000}");"#))
        }
    }

    /// Whatever `j` says, the answer is a call with a string.
    @Test func nothingOfJButItsDigitsIsRun() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            for j in ["", "alert(1)", "%5D%3Balert(document.cookie)%2F%2F", "1%0A", "%22"] {
                let body = try await client.exchange("GET", RawConnection.enginePath3 + "&j=" + j).body
                let digits = j == "" || j == "%22" || j.hasPrefix("%5D") ? "0" : "1"
                #expect(body.hasPrefix("___eio[\(digits)](\""), "\(body)")
            }
        }
    }

    @Test func echo() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3("&j=0")
            for (form, script) in [
                ("d=6%3A4hello", #"___eio[0]("6:4hello");"#), ("d=3%3A4+%22", #"___eio[0]("3:4 \"");"#),
                ("d=4:4a%5Cnb", #"___eio[0]("4:4a\nb");"#), ("d=5:4a%5C%5Cnb", #"___eio[0]("5:4a\\nb");"#),
                ("d=3%3A4%E2%80%A8%E2%80%A9", #"___eio[0]("3:4\u2028\u2029");"#), ("d=3:4%F0%9F%98%80", #"___eio[0]("3:4😀");"#),
            ] {
                let posted = try await post(client, sid, form)
                #expect(posted.status == 200)
                #expect(posted.body == "ok")
                #expect(posted.headers["content-type"] == "text/html")
                let polled = try await client.exchange("GET", RawConnection.enginePath3 + "&j=0&sid=" + sid)
                #expect(polled.body == script)
                #expect(polled.headers["content-type"] == "text/javascript; charset=UTF-8")
            }
        }
    }

    /// A script cannot carry bytes, with `b64=1` or without.
    @Test func binaryMessagesAreBase64() async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            for parameters in ["&j=1", "&j=1&b64=1"] {
                let sid = try await client.openPolling3(parameters)
                #expect(try await post(client, sid, "d=10%3Ab4AQIDBA%3D%3D2:4a").body == "ok")
                #expect(try await client.poll3(sid).body == #"___eio[1]("10:b4AQIDBA==2:4a");"#)
            }
        }
    }

    @Test(arguments: ["", "x=1", "d=abc", "d=", "2:4a", "d=%C3"])
    func aBadFormEndsTheSession(_ form: String) async throws {
        try await EchoServer.run3 { server in
            let client = try await server.connect()
            let sid = try await client.openPolling3("&j=0")
            #expect(try await post(client, sid, form).status == 400)
            try await server.closed(.parseError)
        }
    }

    @Test func aNoopIsAScriptTooAndTheSessionMovesToWebSocket() async throws {
        try await EchoServer.run3 { server in
            let poller = try await server.connect()
            let sid = try await poller.openPolling3("&j=0&b64=1")
            try await poller.request("GET", RawConnection.enginePath3 + "&j=0&sid=\(sid)")
            let socket = try await server.connect()
            #expect(try await socket.upgrade3("&sid=\(sid)").status == 101)
            try await socket.send(clientFrame("2probe"))
            #expect(try await socket.frame() == .text("3probe"))
            #expect(try await poller.answer().body == #"___eio[0]("1:6");"#)
            try await socket.send(clientFrame("5"))
            try await socket.send(clientFrame("b4AQID"))
            #expect(try await socket.frame() == .binary([4, 1, 2, 3]))
        }
    }
}
