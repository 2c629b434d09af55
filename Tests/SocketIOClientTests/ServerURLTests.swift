import SocketIOClient
import Testing

@Suite("ServerURL")
struct ServerURLTests {
    @Test(arguments: [
        ("http://localhost:3011", "localhost", 3011, "/"),
        ("ws://127.0.0.1:80/socket.io/?a=b#c", "127.0.0.1", 80, "/socket.io/?a=b"),
        ("HTTP://example.test", "example.test", 80, "/"),
        ("http://[::1]:3011/", "::1", 3011, "/"),
        ("http://[::1]", "::1", 80, "/"),
        ("http://h?x=1", "h", 80, "/?x=1"),
        ("https://h", "h", 443, "/"),
        ("wss://h:8443/a", "h", 8443, "/a"),
    ])
    func reads(_ text: String, _ host: String, _ port: Int, _ target: String) throws {
        let url = try ServerURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.isSecure == (text.hasPrefix("https:") || text.hasPrefix("wss:")))
    }

    @Test(arguments: [
        "", "localhost:3011", "ftp://h", "http://", "http://h:0", "http://h:99999", "http://h:x", "http://u@h",
        "http://h/\r\nX: y", "http://h\r\n/", "http://a b/",
    ])
    func refuses(_ text: String) {
        let error = #expect(throws: SocketIOClientError.self) { try ServerURL(text) }
        #expect(error?.code == .invalidURL)
    }
}
