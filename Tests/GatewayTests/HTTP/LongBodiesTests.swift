import AccessToken
import EngineIO
import JSONScan
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("LongBodies")
struct LongBodiesTests {
    private static let token = "a service token of the tests"

    private func status(_ uri: String, bytes: Int, token: String? = nil, isOn: Bool = true) throws -> UInt? {
        let bodies = LongBodies(publishers: ServiceAccess(token: isOn ? try ServiceToken(Self.token) : nil))
        let headers = HTTPHeaders(token.map { [("authorization", "Bearer \($0)")] } ?? [])
        let refusal = bodies.refusal(of: HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers), bytes: bytes)
        guard let refusal else { return nil }
        // As every other failure of these routes.
        let error = try #require(try JSONObject(Array(refusal.body.readableBytesView)).raw("error"))
        #expect(try JSONObject(Array(error)).string("code")?.isEmpty == false)
        #expect(refusal.headers.first(name: "content-type") == "application/json")
        return refusal.status.code
    }

    @Test(arguments: [
        "/api/v1/events", "/api/v1/events/", "/api/v1/events?x=1", "http://gateway/api/v1/events", "http://gateway:3011/api/v1/events?x",
    ])
    func ofPublishersTheServiceTokenIsAsked(_ uri: String) throws {
        for bytes in [20_000, 4_000_000] {
            #expect(try status(uri, bytes: bytes) == 401)
            #expect(try status(uri, bytes: bytes, token: "another") == 401)
            #expect(try status(uri, bytes: bytes, token: Self.token) == nil)
            #expect(try status(uri, bytes: bytes, token: Self.token, isOn: false) == 404)
        }
    }

    @Test(arguments: ["/api/v1/auth/login", "/", "*", "http://gateway", "/api/v1/eventsx", "/x?/api/v1/events", "/api/v1/events/x"])
    func elsewhereNobodyHasALongOne(_ uri: String) throws {
        for token in [nil, Self.token] {
            #expect(try status(uri, bytes: LongBodies.maximumElsewhere, token: token) == nil)
            #expect(try status(uri, bytes: LongBodies.maximumElsewhere + 1, token: token) == 413)
        }
    }
}
