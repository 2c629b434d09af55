import EngineIOCore
import TestSupport
import Testing

@Suite("EngineRequest")
struct EngineRequestTests {
    private static let sid = "AAabcdefghijklmnopqr"

    private func request(
        _ method: String,
        _ query: String,
        upgrade: Bool = false,
        transports: Set<TransportKind> = [.polling, .websocket]
    ) throws(EngineRequestError) -> EngineRequest {
        try EngineRequest(method: method, query: EngineQuery(query), isWebSocketUpgrade: upgrade, transports: transports)
    }

    @Test func opens() throws {
        #expect(try request("GET", "EIO=4&transport=polling") == .open(.polling))
        #expect(try request("GET", "EIO=4&transport=websocket", upgrade: true) == .open(.websocket))
    }

    @Test func namesASession() throws {
        let sid = try #require(SessionID(Self.sid))
        #expect(try request("GET", "EIO=4&transport=polling&sid=\(sid)") == .poll(sid))
        #expect(try request("POST", "EIO=4&transport=polling&sid=\(sid)") == .post(sid))
        #expect(try request("PUT", "EIO=4&transport=polling&sid=\(sid)") == .unknownMethod(sid))
        #expect(try request("GET", "EIO=4&transport=websocket&sid=\(sid)", upgrade: true) == .upgrade(sid))
    }

    @Test(arguments: ["", "EIO=4", "EIO=4&transport=", "EIO=4&transport=carrier-pigeon", "EIO=4&transport=Polling", "transport=websocket2"])
    func code0(_ query: String) {
        #expect(throws: EngineRequestError.unknownTransport) { try request("GET", query) }
    }

    @Test func code0AlsoWhereTheTransportIsSwitchedOff() {
        #expect(throws: EngineRequestError.unknownTransport) {
            try request("GET", "EIO=4&transport=polling", transports: [.websocket])
        }
    }

    @Test(arguments: ["x", "AAabcdefghijklmnopq", "AAabcdefghijklmnopqrs", "AAabcdefghijklmnopq%2F"])
    func code1(_ sid: String) {
        #expect(throws: EngineRequestError.unknownSession) { try request("GET", "EIO=4&transport=polling&sid=\(sid)") }
    }

    @Test func anEmptySessionIsNone() throws {
        #expect(try request("GET", "EIO=4&transport=polling&sid=") == .open(.polling))
        #expect(try request("GET", "EIO=4&transport=polling&sid") == .open(.polling))
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "HEAD", "get"])
    func code2(_ method: String) {
        #expect(throws: EngineRequestError.badHandshakeMethod) { try request(method, "EIO=4&transport=polling") }
    }

    @Test func code3() {
        #expect(throws: EngineRequestError.badRequest) { try request("GET", "EIO=4&transport=websocket") }
        #expect(throws: EngineRequestError.badRequest) { try request("GET", "EIO=4&transport=websocket&sid=\(Self.sid)") }
        #expect(throws: EngineRequestError.badRequest) { try request("GET", "EIO=4&transport=polling&sid=\(Self.sid)", upgrade: true) }
        #expect(throws: EngineRequestError.badRequest) { try request("POST", "EIO=4&transport=websocket&sid=\(Self.sid)", upgrade: true) }
    }

    @Test(arguments: [
        "transport=polling", "EIO=3&transport=polling", "EIO=5&transport=polling", "EIO=&transport=polling", "EIO=04&transport=polling",
    ])
    func code5(_ query: String) {
        #expect(throws: EngineRequestError.unsupportedProtocolVersion) { try request("GET", query) }
    }

    /// As the reference server: everything but `EIO=4` is protocol 3.
    @Test(arguments: ["EIO=3&", "", "EIO=abc&", "EIO=5&", "EIO=&", "EIO=4&"])
    func protocol3IsForWhoAllowsIt(_ version: String) throws {
        let query = EngineQuery(version + "transport=polling")
        #expect(
            try EngineRequest(method: "GET", query: query, isWebSocketUpgrade: false, transports: [.polling], allowsRevision3: true)
                == .open(.polling)
        )
        #expect(EngineRevision(query) == (version == "EIO=4&" ? .four : .three))
    }

    @Test func theFirstFaultInTheOrderOfTheReferenceCounts() {
        // Transport, then session, then method, then upgrade, then version.
        #expect(throws: EngineRequestError.unknownTransport) { try request("PUT", "EIO=3&transport=x&sid=x") }
        #expect(throws: EngineRequestError.unknownSession) { try request("PUT", "EIO=3&transport=websocket&sid=x") }
        #expect(throws: EngineRequestError.badHandshakeMethod) { try request("PUT", "EIO=3&transport=websocket") }
        #expect(throws: EngineRequestError.badRequest) { try request("GET", "EIO=3&transport=websocket") }
        #expect(throws: EngineRequestError.unsupportedProtocolVersion) { try request("GET", "EIO=3&transport=websocket", upgrade: true) }
    }

    @Test func errorsReadAsTheReferenceWritesThem() {
        #expect(EngineRequestError.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5])
        #expect(EngineRequestError.unknownTransport.body == #"{"code":0,"message":"Transport unknown"}"#)
        #expect(EngineRequestError.unknownSession.body == #"{"code":1,"message":"Session ID unknown"}"#)
        #expect(EngineRequestError.badHandshakeMethod.body == #"{"code":2,"message":"Bad handshake method"}"#)
        #expect(EngineRequestError.badRequest.body == #"{"code":3,"message":"Bad request"}"#)
        #expect(EngineRequestError.forbidden.body == #"{"code":4,"message":"Forbidden"}"#)
        #expect(EngineRequestError.unsupportedProtocolVersion.body == #"{"code":5,"message":"Unsupported protocol version"}"#)
        #expect(EngineRequestError.allCases.map(\.status) == [400, 400, 400, 400, 403, 400])
    }
}
