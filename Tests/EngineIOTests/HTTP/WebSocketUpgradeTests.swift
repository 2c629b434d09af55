import NIOCore
import NIOHTTP1
import Testing

@testable import EngineIO

@Suite("WebSocketUpgrade")
struct WebSocketUpgradeTests {
    private let example: HTTPHeaders = [
        "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version": "13",
    ]

    private func changed(_ name: String, _ value: String?) -> HTTPHeaders {
        var headers = example
        headers.remove(name: name)
        if let value { headers.add(name: name, value: value) }
        return headers
    }

    /// RFC 6455, section 1.3.
    @Test func theExampleOfTheStandard() throws {
        let response = try #require(WebSocketAcceptance(example, deflate: nil)).response
        let lines = String(buffer: response).components("\r\n")
        #expect(lines.first == "HTTP/1.1 101 Switching Protocols")
        #expect(lines.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        #expect(lines.suffix(2) == ["", ""])
    }

    /// As llhttp reads it.
    @Test func aTabBehindAnItemIsAPartOfIt() {
        for value in ["Upgrade\t", "Upgrade\t, keep-alive", "keep-alive, Upgrade \t"] {
            #expect(!WebSocketUpgrade.isRequested(changed("connection", value)))
        }
        for value in ["\tUpgrade", "keep-alive,\tUpgrade ", "Upgrade , keep-alive"] {
            #expect(WebSocketUpgrade.isRequested(changed("connection", value)))
        }
    }

    @Test func ofSeveralConnectionHeadersAnyMayAsk() {
        var headers = changed("connection", "keep-alive")
        headers.add(name: "Connection", value: "Upgrade")
        #expect(WebSocketUpgrade.isRequested(headers))
    }

    @Test(
        arguments: [
            ("sec-websocket-version", nil), ("sec-websocket-version", "8"), ("sec-websocket-key", nil), ("sec-websocket-key", ""),
            ("sec-websocket-key", "c2hvcnQ="), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ"),
            ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAA*=="),
        ] as [(String, String?)]
    )
    func versionAndKeyMustBeThoseOfTheStandard(_ name: String, _ value: String?) {
        #expect(WebSocketAcceptance(changed(name, value), deflate: nil) == nil)
    }

    @Test(arguments: [("a", "a"), ("chat, superchat", "chat"), (" b.c ,d", "b.c")])
    func theFirstSubprotocolIsTaken(_ offered: String, _ taken: String) throws {
        let acceptance = try #require(WebSocketAcceptance(changed("sec-websocket-protocol", offered), deflate: nil))
        #expect(acceptance.headers["sec-websocket-protocol"] == [taken])
        #expect(try #require(WebSocketAcceptance(example, deflate: nil)).headers.isEmpty)
    }

    @Test func headersThatWouldBreakTheAnswerAreLeftOut() throws {
        var acceptance = try #require(WebSocketAcceptance(example, deflate: nil))
        for (name, value) in [("X-A", "1"), ("X-B", "a\r\nX-Evil: 1"), ("X C", "1"), ("", "1"), ("X-D", "\u{7F}"), ("X-E", "é\t.")] {
            acceptance.headers.add(name: name, value: value)
        }
        let lines = String(buffer: acceptance.response).components("\r\n")
        #expect(lines.suffix(4) == ["X-A: 1", "X-E: é\t.", "", ""])
    }

    @Test func whatAsksForAWebSocket() {
        #expect(WebSocketUpgrade.isRequested(example))
        #expect(WebSocketUpgrade.isRequested(changed("connection", "keep-alive, upgrade")))
        #expect(WebSocketUpgrade.isRequested(changed("upgrade", "WebSocket")))
        #expect(WebSocketUpgrade.isRequested(changed("connection", "keep-alive ,\tUPGRADE ,")))
        #expect(WebSocketUpgrade.isRequested(changed("connection", ",upgrade")))
        #expect(!WebSocketUpgrade.isRequested(changed("connection", "keep-alive")))
        #expect(!WebSocketUpgrade.isRequested(changed("connection", "upgrade2, up, grade, up grade")))
        #expect(!WebSocketUpgrade.isRequested(changed("connection", "")))
        #expect(!WebSocketUpgrade.isRequested(changed("connection", ",, ,")))
        #expect(!WebSocketUpgrade.isRequested(changed("connection", nil)))
        #expect(!WebSocketUpgrade.isRequested(changed("upgrade", "h2c")))
        #expect(!WebSocketUpgrade.isRequested(changed("upgrade", nil)))
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
