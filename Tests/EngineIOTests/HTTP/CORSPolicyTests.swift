import NIOHTTP1
import Testing

@testable import EngineIO

@Suite("CORSPolicy")
struct CORSPolicyTests {
    private func headers(_ policy: CORSPolicy, _ origin: String?) -> HTTPHeaders {
        var headers = HTTPHeaders()
        policy.apply(origin: origin, to: &headers)
        return headers
    }

    @Test func anAllowedOriginIsNamedWithCredentials() {
        let allowed = headers(.any, "https://a.example")
        #expect(allowed["access-control-allow-origin"] == ["https://a.example"])
        #expect(allowed["access-control-allow-credentials"] == ["true"])
        #expect(allowed["vary"] == ["Origin"])
    }

    @Test func othersGetNothingButVary() {
        for (policy, origin): (CORSPolicy, String?) in [
            (.none, "https://a.example"), (.any, nil), (.origins(["https://b.example"]), "https://a.example"),
        ] {
            #expect(headers(policy, origin).map(\.name) == ["vary"])
        }
    }

    @Test(arguments: [
        ("http://localhost", true), ("https://localhost:3000", true), ("http://127.0.0.1:8080", true), ("http://[::1]:1", true),
        ("http://localhost.evil.example", false), ("http://localhost:", false), ("http://localhost:80x", false),
        ("http://localhost:+80", false),
        ("ftp://localhost", false), ("localhost", false), ("http://127.0.0.10", false), ("null", false), ("http://localhost:80/", false),
        ("http://evil.example/http://localhost", false),
    ])
    func localhost(_ origin: String, _ isAllowed: Bool) {
        #expect(CORSPolicy.localhost.allows(origin) == isAllowed)
    }

    @Test func originsAreComparedWhole() {
        let policy = CORSPolicy.origins(["https://a.example"])
        #expect(policy.allows("https://a.example"))
        #expect(!policy.allows("https://a.example:8443"))
        #expect(!policy.allows("https://a.example.evil"))
    }

    @Test func preflight() {
        let answer = CORSPolicy.any.preflight(origin: "https://a.example", requestedHeaders: "authorization,x-a")
        #expect(answer["access-control-allow-origin"] == ["https://a.example"])
        #expect(answer["access-control-allow-headers"] == ["authorization,x-a"])
        #expect(answer["access-control-allow-methods"] == ["GET,HEAD,PUT,PATCH,POST,DELETE"])
        #expect(answer["vary"] == ["Origin", "Access-Control-Request-Headers"])
        #expect(!answer.contains(name: "access-control-max-age"))
        let refused = CORSPolicy.none.preflight(origin: "https://a.example", requestedHeaders: nil)
        #expect(!refused.contains(name: "access-control-allow-origin"))
        #expect(!refused.contains(name: "access-control-allow-headers"))
    }

    @Test func everythingElseIsASetting() {
        var policy = CORSPolicy.origins(["https://a.example"])
        policy.allowsCredentials = false
        policy.methods = "GET,POST"
        policy.allowedHeaders = ["x-a", "x-b"]
        policy.exposedHeaders = ["x-c"]
        policy.maxAge = .seconds(600)
        let answer = policy.preflight(origin: "https://a.example", requestedHeaders: "authorization")
        #expect(!answer.contains(name: "access-control-allow-credentials"))
        #expect(answer["access-control-allow-methods"] == ["GET,POST"])
        #expect(answer["access-control-allow-headers"] == ["x-a,x-b"])
        #expect(answer["access-control-expose-headers"] == ["x-c"])
        #expect(answer["access-control-max-age"] == ["600"])
        #expect(answer["vary"] == ["Origin"])
    }
}
