import NIOCore
import NIOPosix
import SocketIOClient

/// Publishes over `POST /api/v1/events` on one connection, one request at a time.
///
/// The gateway closes connections that ask nothing for five seconds, so after half of that another one is opened.
actor EventPublisher {
    private struct Connection {
        let channel: any Channel
        let answers: NIOLoopBound<AnswerReader>
    }

    private static let idleTime = Duration.milliseconds(2_500)

    private let url: ServerURL
    private let eventLoop: any EventLoop
    private let head: String
    private var connection: Connection
    private var lastUse = ContinuousClock.now

    private init(url: ServerURL, token: String, eventLoop: any EventLoop, connection: Connection) {
        self.url = url
        self.eventLoop = eventLoop
        self.connection = connection
        self.head = """
            POST /api/v1/events HTTP/1.1\r
            Host: \(url.authority)\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r
            Content-Length: 
            """
    }

    /// Connects to the gateway; `token` is its service token.
    static func connect(to url: ServerURL, token: String, on eventLoop: any EventLoop) async throws -> EventPublisher {
        let connection = try await connect(to: url, on: eventLoop)
        return EventPublisher(url: url, token: token, eventLoop: eventLoop, connection: connection)
    }

    /// Publishes one envelope or an array of them, and waits for the answer. One call at a time.
    func publish(_ json: String) async throws {
        if ContinuousClock.now - lastUse > Self.idleTime {
            try? await connection.channel.close()
            connection = try await Self.connect(to: url, on: eventLoop)
        }
        let request = ByteBuffer(string: "\(head)\(json.utf8.count)\r\n\r\n\(json)")
        let connection = self.connection
        let status = try await connection.channel.eventLoop.flatSubmit { () -> EventLoopFuture<Int> in
            let promise = connection.channel.eventLoop.makePromise(of: Int.self)
            connection.answers.value.expect(promise)
            connection.channel.writeAndFlush(request).whenFailure { promise.fail($0) }
            return promise.futureResult
        }.get()
        lastUse = .now
        guard status == 202 else { throw BenchFailure("publishing was answered with HTTP \(status)") }
    }

    func close() async {
        try? await connection.channel.close()
    }

    private static func connect(to url: ServerURL, on eventLoop: any EventLoop) async throws -> Connection {
        let (channel, answers) = try await ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: url.host, port: url.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let reader = AnswerReader()
                    try channel.pipeline.syncOperations.addHandler(reader)
                    return (channel, NIOLoopBound(reader, eventLoop: channel.eventLoop))
                }
            }
        return Connection(channel: channel, answers: answers)
    }
}

/// Reads the answers of one HTTP/1.1 connection as far as needed: status and length. Confined to its event loop.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var received = ByteBuffer()
    private var promise: EventLoopPromise<Int>?

    func expect(_ promise: EventLoopPromise<Int>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let view = received.readableBytesView
        guard let end = view.indices.first(where: { view[$0...].starts(with: "\r\n\r\n".utf8) }) else { return }
        let head = String(decoding: view[..<end], as: UTF8.self).lowercased()
        let length = head.firstRange(of: "content-length:").flatMap { range in
            Int(head[range.upperBound...].prefix { $0 != "\r\n" }.drop { $0 == " " })
        }
        guard let length, let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return fail(BenchFailure("the answer to a publication cannot be read"), context)
        }
        guard view.endIndex - end - 4 >= length else { return }
        received.clear()
        promise?.succeed(status)
        promise = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(BenchFailure("the gateway closed the publisher's connection"), context)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        promise?.fail(error)
        promise = nil
        context.close(promise: nil)
    }
}
