import AuthService
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import moonx

/// How long a request may take to come, and an answer to go.
@Suite("ExchangeDeadlines")
struct ExchangeDeadlinesTests {
    private let channel = EmbeddedChannel()
    private let timeouts = ListenerTimeouts()

    init() throws {
        let limits = ListenerLimits(idle: .seconds(1), request: .seconds(20), answer: .seconds(60))
        try channel.pipeline.syncOperations.addHandler(ExchangeDeadlines(limits: limits, timeouts: timeouts))
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
    }

    private func read(_ parts: HTTPServerRequestPart...) throws {
        for part in parts { try channel.writeInbound(part) }
    }

    private func answer() throws {
        try channel.writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    private var head: HTTPServerRequestPart { .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")) }
    private var byte: HTTPServerRequestPart { .body(ByteBuffer(string: "x")) }

    private func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    @Test func aRequestThatDoesNotComeWholeEndsTheConnection() throws {
        try read(head)
        for _ in 0..<19 {
            advance(1)
            try read(byte)
        }
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
        #expect(timeouts.current == (1, 0))
    }

    /// As one to an endpoint that needs no body: what is left of it would be read for ever.
    @Test func anAnswerBeforeItsEndGivesItNoMoreTime() throws {
        try read(head)
        try answer()
        for _ in 0..<19 {
            advance(1)
            try read(byte)
        }
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
        #expect(timeouts.current == (1, 0))
    }

    @Test func anAnswerThatIsNotMadeEndsTheConnection() throws {
        try read(head, byte, .end(nil))
        advance(59)
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
        #expect(timeouts.current == (0, 1))
    }

    @Test func eachOfSeveralRequestsHasItsTime() throws {
        try read(head, .end(nil), head, .end(nil))
        advance(59)
        try answer()
        advance(59)
        #expect(channel.isActive)
        advance(1)
        #expect(!channel.isActive)
        #expect(timeouts.current == (0, 1))
    }

    @Test func whoIsAnsweredMayStay() throws {
        for _ in 0..<3 {
            try read(head, byte)
            advance(19)
            try read(.end(nil))
            advance(40)
            try answer()
            advance(600)
        }
        // What cannot be parsed is answered too.
        try answer()
        try read(head, .end(nil))
        try answer()
        advance(600)
        #expect(channel.isActive)
        #expect(timeouts.current == (0, 0))
    }
}
