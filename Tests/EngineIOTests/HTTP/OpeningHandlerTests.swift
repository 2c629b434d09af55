import EngineIOCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import EngineIO

@Suite("OpeningHandler")
struct OpeningHandlerTests {
    /// Stands for the handlers of HTTP, and keeps what it is given.
    private final class HTTPStandIn: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var received = ByteBuffer()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            received.writeBuffer(&bytes)
        }
    }

    private struct Connection {
        let channel: EmbeddedChannel
        let loop: EngineLoop
        let http = HTTPStandIn()

        init() throws {
            let eventLoop = EmbeddedEventLoop()
            var configuration = EngineConfiguration()
            configuration.allowEIO3 = true
            loop = EngineLoop(
                index: 0,
                eventLoop: eventLoop,
                configuration: configuration,
                application: EchoApplication(),
                logger: Logger(label: "test")
            )
            loop.start()
            channel = EmbeddedChannel(loop: eventLoop)
            let http = self.http
            try channel.pipeline.syncOperations.addHandler(OpeningHandler(loop: loop, isSecure: false) { _ in [http] })
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        /// What the client gets after these bytes, by writes.
        func written(after text: String) throws -> [String] {
            try channel.writeInbound(ByteBuffer(string: text))
            channel.embeddedEventLoop.run()
            var writes: [String] = []
            while let write = try channel.readOutbound(as: ByteBuffer.self) { writes.append(String(buffer: write)) }
            return writes
        }
    }

    private static func request(_ uri: String) -> String {
        """
        GET \(uri) HTTP/1.1\r
        Host: test\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r\n
        """
    }

    @Test func aGoodRequestIsAnsweredTogetherWithTheOpenPacket() throws {
        let connection = try Connection()
        let writes = try connection.written(after: Self.request("/socket.io/?EIO=4&transport=websocket"))
        #expect(writes.count == 1)
        #expect(writes.first?.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n") == true)
        #expect(writes.first?.contains("\r\n\r\n") == true)
        #expect(writes.first?.contains("0{\"sid\":\"") == true)
        #expect(connection.http.received.readableBytes == 0)
        #expect(connection.loop.statistics.openWebSocket == 1)
        #expect(connection.loop.statistics.openHTTP == 0)
    }

    @Test func inPartsItIsOpenedWithTheLast() throws {
        let connection = try Connection()
        let text = Self.request("/socket.io/?EIO=4&transport=websocket")
        for byte in text.utf8.dropLast() { #expect(try connection.written(after: String(UnicodeScalar(byte))) == []) }
        #expect(connection.loop.statistics.openHTTP == 1)
        #expect(try connection.written(after: "\n").count == 1)
        #expect(connection.loop.statistics.openWebSocket == 1)
    }

    /// The official suite of protocol 3 misses an open packet that comes together with the answer to the upgrade.
    @Test(arguments: [
        "/socket.io/?EIO=3&transport=websocket", "/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=websocket&sid=unknown",
        "/socket.io/?EIO=5&transport=websocket", "/metrics", "/",
    ])
    func everythingElseIsForTheHandlersOfHTTPByteForByte(_ uri: String) throws {
        let connection = try Connection()
        let text = Self.request(uri) + "and more"
        #expect(try connection.written(after: text) == [])
        #expect(String(buffer: connection.http.received) == text)
        #expect(connection.loop.statistics.openWebSocket == 0)
    }

    @Test func whileTheNodeDrainsNothingIsOpened() throws {
        let connection = try Connection()
        connection.loop.isDraining = true
        let text = Self.request("/socket.io/?EIO=4&transport=websocket")
        #expect(try connection.written(after: text) == [])
        #expect(String(buffer: connection.http.received) == text)
    }

    @Test func aHeadThatDoesNotComeInTimeEndsTheConnectionAndIsCounted() throws {
        let connection = try Connection()
        #expect(try connection.written(after: "GET /socket.io/?EIO=4") == [])
        connection.channel.embeddedEventLoop.advanceTime(by: TimeAmount(connection.loop.configuration.handshakeTimeout + .milliseconds(40)))
        #expect(connection.channel.isActive == false)
        #expect(connection.loop.statistics.httpTimeouts == 1)
        #expect(connection.loop.statistics.openHTTP == 0)
    }
}
