import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends one HTTP request after another over a connection that it opens when it needs one. Confined to its event loop.
final class HTTPRequester {
    private let server: ServerURL
    private let eventLoop: any EventLoop
    private let timeout: Duration
    private let maximumBody: Int
    private let tls: ClientTLS?
    private var channel: (any Channel)?
    private var lastUsed = NIODeadline.now()

    init(server: ServerURL, eventLoop: any EventLoop, timeout: Duration, maximumBody: Int, tls: ClientTLS? = nil) {
        self.server = server
        self.eventLoop = eventLoop
        self.timeout = timeout
        self.maximumBody = maximumBody
        self.tls = tls
    }

    /// Sends a request; the one before must have been answered.
    func send(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders,
        _ body: ByteBuffer? = nil
    ) -> EventLoopFuture<NIOHTTPClientResponseFull> {
        eventLoop.assertInEventLoop()
        var headers = headers
        headers.replaceOrAdd(name: "Host", value: server.authority)
        if let body { headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes)) }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers)
        let promise = eventLoop.makePromise(of: NIOHTTPClientResponseFull.self)
        // A connection that has idled may be about to be closed by the server, and what is written to it then is lost.
        if let channel, channel.isActive, NIODeadline.now() - lastUsed < .seconds(2) {
            Self.write(head, body, promise, to: channel)
        } else {
            close()
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            connect().assumeIsolated().whenComplete { result in
                switch result {
                case .success(let channel):
                    bound.value.channel = channel
                    Self.write(head, body, promise, to: channel)
                case .failure(let error): promise.fail(error)
                }
            }
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        promise.futureResult.assumeIsolated().whenComplete { _ in bound.value.lastUsed = .now() }
        return promise.futureResult
    }

    /// Closes the connection; a request under way fails.
    func close() {
        channel?.close(promise: nil)
        channel = nil
    }

    private func connect() -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [maximumBody, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.add(to: channel)
                    let operations = channel.pipeline.syncOperations
                    try operations.addHTTPClientHandlers()
                    try operations.addHandlers([NIOHTTPClientResponseAggregator(maxContentLength: maximumBody), AnswerHandler()])
                }
            }
            .connect(host: server.host, port: server.port)
    }

    private static func write(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer?,
        _ promise: EventLoopPromise<NIOHTTPClientResponseFull>,
        to channel: any Channel
    ) {
        do {
            let handler = try channel.pipeline.syncOperations.handler(type: AnswerHandler.self)
            handler.promise = promise
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        } catch {
            promise.fail(error)
        }
    }
}

/// Hands the answer to whoever asked. Confined to its channel's event loop.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPClientResponseFull

    var promise: EventLoopPromise<NIOHTTPClientResponseFull>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let answer = unwrapInboundIn(data)
        if !answer.head.isKeepAlive { context.close(promise: nil) }
        take()?.succeed(answer)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        take()?.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        take()?.fail(SocketIOClientError(.closed, "the connection ended before an answer came"))
        context.fireChannelInactive()
    }

    private func take() -> EventLoopPromise<NIOHTTPClientResponseFull>? {
        defer { promise = nil }
        return promise
    }
}
