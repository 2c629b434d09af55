import EngineIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("EnginePath")
struct EnginePathTests {
    @Test(arguments: ["/socket.io", "/socket.io/"])
    func withItsSlash(_ written: String) {
        let path = EnginePath(written, addsTrailingSlash: true)
        #expect(path.query(of: "/socket.io/") == "")
        #expect(path.query(of: "/socket.io/?") == "")
        #expect(path.query(of: "/socket.io/?EIO=4&x=?") == "EIO=4&x=?")
        for other in ["/socket.io", "/socket.io?EIO=4", "/socket.io/x", "/socket.io//?EIO=4", "/", "/socket.iox/", "socket.io/"] {
            #expect(path.query(of: other) == nil, "\(other)")
        }
    }

    @Test(arguments: ["/socket.io", "/socket.io/"])
    func withoutTheSlashItMayBeThere(_ written: String) {
        let path = EnginePath(written, addsTrailingSlash: false)
        for target in ["/socket.io?EIO=4", "/socket.io/?EIO=4"] { #expect(path.query(of: target) == "EIO=4") }
        #expect(path.query(of: "/socket.io") == "")
        for other in ["/socket.iox", "/socket.io/x", "/socket", "/"] { #expect(path.query(of: other) == nil, "\(other)") }
    }

    @Test func theRoot() {
        #expect(EnginePath("/", addsTrailingSlash: true).query(of: "/?a") == "a")
        #expect(EnginePath("/", addsTrailingSlash: true).query(of: "/x") == nil)
    }
}

@Suite("HandshakeCookie")
struct HandshakeCookieTests {
    private var generator = SeededGenerator(seed: 1)

    @Test mutating func theDefaultsAreTheReferenceServers() {
        let sid = SessionID(loopIndex: 0, using: &generator)
        #expect(HandshakeCookie().header(sid) == "io=\(sid); Path=/; HttpOnly; SameSite=Lax")
    }

    @Test mutating func everyAttribute() {
        let sid = SessionID(loopIndex: 0, using: &generator)
        var cookie = HandshakeCookie()
        cookie.name = "lb"
        cookie.maxAge = .milliseconds(86_400_999)
        cookie.domain = "example.org"
        cookie.path = "/x"
        cookie.isSecure = true
        cookie.sameSite = HandshakeCookie.SameSite.none
        #expect(cookie.header(sid) == "lb=\(sid); Max-Age=86400; Domain=example.org; Path=/x; HttpOnly; Secure; SameSite=None")
        cookie = HandshakeCookie()
        cookie.path = nil
        cookie.isHTTPOnly = false
        cookie.sameSite = nil
        #expect(cookie.header(sid) == "io=\(sid)")
    }
}

@Suite("HeaderText")
struct HeaderTextTests {
    @Test func values() {
        for good in ["", "https://a.example", "a\tb", "é"] { #expect(HeaderText.isValue(good)) }
        for bad in ["\u{0}", "a\nb", "a\rb", "\u{7F}", "\u{1F}"] { #expect(!HeaderText.isValue(bad)) }
    }

    @Test func names() {
        for good in ["X-A", "a_b!"] { #expect(HeaderText.isName(good)) }
        for bad in ["", "a b", "a:", "é", "a\n"] { #expect(!HeaderText.isName(bad)) }
    }
}
