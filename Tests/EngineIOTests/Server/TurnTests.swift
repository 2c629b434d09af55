import Dispatch
import EngineIO
import NIOCore
import TestSupport
import Testing

@Suite("Turns")
struct TurnTests {
    /// The kernel hands all of them over in one read.
    @Test func oneConnectionsPipelinedRequestsDoNotKeepAnotherWaiting() async throws {
        try await EchoServer.run { server in
            let greedy = try await server.connect()
            let modest = try await server.connect()
            // Both are known to the loop, which is then held until all has been written.
            for client in [greedy, modest] { #expect(try await client.exchange("GET", "/").status == 404) }
            let held = DispatchSemaphore(value: 0)
            server.server.eventLoops[0].execute { held.wait() }
            let request = "GET \(RawConnection.enginePath) HTTP/1.1\r\nHost: test\r\n\r\n"
            try await greedy.send(String(repeating: request, count: 40))
            try await modest.send(request)
            held.signal()
            let body = try await modest.answer().body
            for _ in 0..<40 { #expect(try await greedy.answer().status == 200) }
            try await server.settled()
            let sessions = server.application.journal.sessions
            #expect(sessions.count == 41)
            let place = try #require(sessions.firstIndex { body.contains("\"\($0)\"") })
            #expect(place <= 4, "answered behind \(place) of the forty")
        }
    }
}
