import NIOCore
import NIOPosix
import SocketIOClient

/// Publishes over `POST /api/v1/events` on one connection that stays open, one request at a time.
struct EventPublisher: Sendable {
    private let channel: any Channel
    private let answers: NIOLoopBound<AnswerReader>
    private let head: String

    /// Connects to the gateway; `token` is its service token.
    static func connect(to url: ServerURL, token: String, on eventLoop: any EventLoop) async throws -> EventPublisher {
        let (channel, answers) = try await ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: url.host, port: url.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let reader = AnswerReader()
                    try channel.pipeline.syncOperations.addHandler(reader)
                    return (channel, NIOLoopBound(reader, eventLoop: channel.eventLoop))
                }
            }
        let head = """
            POST /api/v1/events HTTP/1.1\r
            Host: \(url.authority)\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r
            Content-Length: 
            """
        return EventPublisher(channel: channel, answers: answers, head: head)
    }

    /// Publishes one envelope or an array of them, and waits for the answer.
    func publish(_ json: String) async throws {
        let request = ByteBuffer(string: "\(head)\(json.utf8.count)\r\n\r\n\(json)")
        let status = try await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Int> in
            let promise = channel.eventLoop.makePromise(of: Int.self)
            answers.value.expect(promise)
            channel.writeAndFlush(request, promise: nil)
            return promise.futureResult
        }.get()
        guard status == 202 else { throw BenchFailure("publishing was answered with HTTP \(status)") }
    }

    func close() async {
        try? await channel.close()
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
