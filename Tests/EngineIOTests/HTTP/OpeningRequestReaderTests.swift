import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import EngineIO

@Suite("OpeningRequestReader")
struct OpeningRequestReaderTests {
    private static let plain = """
        GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r
        Host: localhost:3000\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        Origin: http://localhost:5173\r
        X-Empty-Looking:    .\r
        \r\n
        """

    private func read(_ text: String) -> OpeningRequestReader.Outcome {
        var reader = OpeningRequestReader()
        return reader.read(ByteBuffer(string: text))
    }

    private func request(_ outcome: OpeningRequestReader.Outcome) -> (head: HTTPRequestHead, length: Int)? {
        guard case .request(let head, let length) = outcome else { return nil }
        return (head, length)
    }

    private func isOther(_ text: String) -> Bool {
        guard case .other = read(text) else { return false }
        return true
    }

    /// What the HTTP decoder makes of a request; `nil` where it makes none.
    private func decoded(_ text: String) -> HTTPRequestHead? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        guard (try? channel.writeInbound(ByteBuffer(string: text))) != nil,
            case .head(let head)? = try? channel.readInbound(as: HTTPServerRequestPart.self)
        else { return nil }
        return head
    }

    @Test func aPlainRequestIsReadAsTheDecoderReadsIt() throws {
        let (head, length) = try #require(request(read(Self.plain + "\u{1}beyond")))
        #expect(length == Self.plain.utf8.count)
        #expect(head == decoded(Self.plain))
        #expect(head.uri == "/socket.io/?EIO=4&transport=websocket")
        #expect(head.headers["x-empty-looking"] == ["."])
    }

    @Test func itMayComeByteByByte() throws {
        var reader = OpeningRequestReader()
        let bytes = ByteBuffer(string: Self.plain)
        for count in 1..<bytes.readableBytes {
            let part = try #require(bytes.getSlice(at: 0, length: count))
            guard case .incomplete = reader.read(part) else { throw WaitError(description: "not incomplete after \(count) bytes") }
        }
        #expect(request(reader.read(bytes))?.head == decoded(Self.plain))
    }

    @Test(arguments: [
        "POST /socket.io/ HTTP/1.1\r\n", "get / HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n", "GET socket.io HTTP/1.1\r\n", "GET / HTTP/1.0\r\n",
        "GET /\r\n", "GET / HTTP/1.1 \r\n", "GET /a b HTTP/1.1\r\n", "GET /#a HTTP/1.1\r\n", "GET /\"a HTTP/1.1\r\n", "GET /é HTTP/1.1\r\n",
        "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r\n", "\r\nGET / HTTP/1.1\r\n", "P", "GEX", "\u{16}\u{3}\u{1}",
    ])
    func anotherFirstLineIsForTheDecoder(_ line: String) {
        #expect(isOther(line))
    }

    @Test(arguments: [
        "no colon", ": no name", "a b: 1", "a : 1", " folded", "\tfolded", "a:", "a: ", "a: 1 ", "a: \t1", "a: é", "a: \u{7F}", "a: \u{0}",
        "Content-Length: 0", "content-length: 5", "Transfer-Encoding: chunked", "TRANSFER-ENCODING: x", "Expect: 100-continue",
        "host: b",
    ])
    func anotherFieldIsForTheDecoder(_ field: String) {
        #expect(isOther("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n"))
    }

    @Test func whatNamesNoHostIsForTheDecoder() {
        #expect(isOther("GET / HTTP/1.1\r\n\r\n"))
        #expect(isOther("GET / HTTP/1.1\r\nHosts: a\r\n\r\n"))
    }

    @Test func aLongHeadIsForTheDecoder() {
        let limit = OpeningRequestReader.maximumLength
        #expect(isOther("GET /" + String(repeating: "a", count: limit)))
        #expect(isOther("GET / HTTP/1.1\r\n" + String(repeating: "a: 1\r\n", count: limit / 6)))
    }

    /// Whatever is made of a request, this reader takes no more than the decoder does, and reads it in the same way.
    @Test func whatItTakesTheDecoderTakesToo() {
        var generator = SeededGenerator(seed: 6)
        let pieces = ["\r\n", "\r", "\n", ":", " ", "\t", "GET ", "a: b\r\n", "\u{0}", "é", "HTTP/1.1", "/", "\"", "%", "?", ",", "\\"]
        var taken = 0
        for _ in 0..<20_000 {
            var bytes = Array(Self.plain.utf8)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                default: bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: index)
                }
            }
            var reader = OpeningRequestReader()
            guard let (head, length) = request(reader.read(ByteBuffer(bytes: bytes))) else { continue }
            taken += 1
            // What follows may be anything.
            let text = String(decoding: bytes.prefix(length), as: UTF8.self)
            #expect(head == decoded(text), "\(text.debugDescription)")
        }
        #expect(taken > 5000)
    }
}
