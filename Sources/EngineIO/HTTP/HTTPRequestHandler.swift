import EngineIOCore
import NIOCore
import NIOHTTP1

/// The last handler of an HTTP connection: collects a request, hands it to the session it names or to the fallback responder, and
/// writes the answer. Leaves the pipeline when the connection becomes a WebSocket.
final class HTTPRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        case idle
        case receiving(HTTPExchange)
        /// The rest of a refused request is read and thrown away.
        case discarding
        case answering(HTTPExchange)
        case upgraded
    }

    let loop: EngineLoop
    let server: EngineServer
    let fallback: any FallbackResponder
    /// Whether the connection is encrypted.
    let isSecure: Bool
    private let began: MonotonicInstant
    var state = State.idle
    /// Whether not even the head of a first request has come.
    private var isFresh = true
    /// The client's address, where a proxy has said it by the PROXY protocol.
    private var proxiedClient: SocketAddress?
    /// How many requests more may be answered before others have their turn: the kernel's next read may hold hundreds of pipelined ones.
    private var budget = requestsInARow
    private static let requestsInARow = 4
    /// Whether a request waits until the client has read the answers before.
    private var isHeld = false
    /// How many bytes of an answer the kernel had not taken when that was looked at last; `nil` where it has taken all.
    private var unsent: Int?
    private var answers: UInt64 = 0
    private(set) var context: ChannelHandlerContext?
    private var timer = EngineLoop.TimerHandle.none

    /// - Parameter began: When the connection began: its first request is awaited from there.
    init(loop: EngineLoop, server: EngineServer, fallback: any FallbackResponder, isSecure: Bool = false, began: MonotonicInstant) {
        self.began = began
        self.loop = loop
        self.server = server
        self.fallback = fallback
        self.isSecure = isSecure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.statistics.openHTTP += 1
        timer = loop.schedule(self, at: began + loop.configuration.handshakeTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.statistics.openHTTP -= 1
        setTimer(nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .answering(let exchange) = state, let responder = exchange.responder, let session = exchange.session {
            session.loop.eventLoop.execute { session.pollAbandoned(responder) }
        }
        state = .idle
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError, case .idle = state {
            // RFC 6585, section 5; the reference server's answer too.
            let status = error == .headerOverflow ? HTTPResponseStatus.requestHeaderFieldsTooLarge : .badRequest
            answer(status, body: ByteBuffer(), keepAlive: false)
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let proxied = event as? ProxiedClient { proxiedClient = proxied.address } else { context.fireUserInboundEventTriggered(event) }
    }

    /// Whose connection it is, as the socket or the PROXY protocol says.
    var remoteAddress: SocketAddress? { proxiedClient ?? context?.channel.remoteAddress }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): headReceived(head, context: context)
        case .body(let bytes): bodyReceived(bytes)
        case .end: endReceived()
        }
    }

    private func headReceived(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        let query = loop.path.query(of: head.uri)
        isFresh = false
        state = .receiving(HTTPExchange(head: head, isForEngine: query != nil, query: query ?? ""))
        setTimer(loop.configuration.pingInterval + loop.configuration.pingTimeout)
        // RFC 9112, section 3.2; the reference server's answer too.
        guard head.version != .http1_1 || head.headers["host"].count == 1 else {
            return answer(.badRequest, body: ByteBuffer(), keepAlive: false)
        }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            if query == nil, let refusal = refusal(of: head, received: 0) { return refuse(refusal) }
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func bodyReceived(_ bytes: ByteBuffer) {
        guard case .receiving(var exchange) = state else { return }
        // Lets go of the state's reference first: the body is so appended to in place, not copied for each part.
        state = .discarding
        exchange.body.writeImmutableBuffer(bytes)
        if exchange.body.readableBytes > (exchange.isForEngine ? loop.configuration.maxPayload : fallback.maximumBody) {
            loop.statistics.oversizedRequests += 1
            return answer(.payloadTooLarge, body: ByteBuffer(), keepAlive: false)
        }
        guard exchange.body.readableBytes > exchange.askedAbove else { return state = .receiving(exchange) }
        ask(about: exchange)
    }

    /// What the kernel takes of an answer at once where it has taken those before: less than it keeps for any connection.
    private static let smallAnswer = 16 << 10

    private func endReceived() {
        guard case .receiving(let exchange) = state else { return }
        setTimer(nil)
        state = .answering(exchange)
        budget -= 1
        guard budget < 0 else { return respond(to: exchange) }
        budget = Self.requestsInARow
        // By the clock: a loop runs what it is given to execute before it looks at its other connections.
        let handler = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.eventLoop.scheduleTask(in: .milliseconds(1)) { handler.value.respondNow() }
    }

    private func respondNow() {
        guard case .answering(let exchange) = state else { return }
        respond(to: exchange)
    }

    private func respond(to exchange: HTTPExchange) {
        guard let context else { return }
        // Who does not read gets no more: answers would pile up in the channel, past every bound of a session.
        guard context.channel.isWritable else {
            isHeld = true
            return setTimer(loop.configuration.maxQueuedAge)
        }
        if exchange.isForEngine { engine(exchange) } else { fallBack(exchange, context: context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isHeld, context.channel.isWritable {
            isHeld = false
            setTimer(nil)
            respondNow()
        }
        context.fireChannelWritabilityChanged()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        budget = Self.requestsInARow
        context.fireChannelReadComplete()
    }

    // MARK: The rest

    private func fallBack(_ exchange: HTTPExchange, context: ChannelHandlerContext) {
        let fallback = self.fallback
        let request = FallbackRequest(
            head: exchange.head,
            body: exchange.body,
            remoteAddress: remoteAddress,
            channel: context.channel
        )
        if let response = fallback.respondAtOnce(to: request) {
            return answer(response.status, headers: response.headers, body: response.body, keepAlive: request.head.isKeepAlive)
        }
        let eventLoop = loop.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        Task {
            let response = await fallback.respond(to: request)
            eventLoop.execute {
                handler.value.answer(
                    response.status,
                    headers: response.headers,
                    body: response.body,
                    keepAlive: request.head.isKeepAlive
                )
            }
        }
    }

    // MARK: Writing

    func answer(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer, keepAlive: Bool) {
        guard let context, context.channel.isActive else { return }
        var keepAlive = keepAlive && !loop.isDraining
        var headers = headers
        var isHead = false
        if case .answering(let exchange) = state {
            isHead = exchange.head.method == .HEAD
            // Behind a request for another protocol the decoder reads no further request.
            if WebSocketUpgrade.endsHTTP(exchange.head) { keepAlive = false }
        }
        if status != .noContent, !headers.contains(name: "content-length") {
            headers.add(name: "content-length", value: String(body.readableBytes))
        }
        headers.add(name: "connection", value: keepAlive ? "keep-alive" : "close")
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if body.readableBytes > 0, !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        state = keepAlive ? .idle : .discarding
        // Nearly all answers: the kernel takes them whole, and nobody needs to be told.
        if keepAlive, unsent == nil, body.readableBytes <= Self.smallAnswer {
            setTimer(loop.configuration.keepAliveTimeout)
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        let channel = context.channel
        answers &+= 1
        let number = answers
        unsent = .max
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if !keepAlive { channel.close(mode: .output, promise: nil) }
            self.answered(number)
        }
        if unsent != nil { awaitProgress() }
    }

    /// The kernel has taken an answer: from now on the client may be silent for a while.
    private func answered(_ number: UInt64) {
        guard number == answers else { return }
        unsent = nil
        switch state {
        case .idle, .discarding: setTimer(loop.configuration.keepAliveTimeout)
        case .receiving, .answering, .upgraded: break
        }
    }

    /// A client that reads slowly is given time as long as it reads.
    private func awaitProgress() {
        unsent = bufferedBytes
        setTimer(loop.configuration.maxQueuedAge)
    }

    private var bufferedBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    func setTimer(_ timeout: Duration?) {
        loop.cancel(timer)
        timer = timeout.map { loop.schedule(self, at: loop.now + $0) } ?? .none
    }
}

extension HTTPRequestHandler: TimerTarget {
    func timerFired(now: MonotonicInstant) {
        timer = .none
        switch state {
        case .receiving: loop.statistics.httpTimeouts += 1
        case .idle where isFresh: loop.statistics.httpTimeouts += 1
        case .idle, .discarding:
            guard let unsent else { break }
            if bufferedBytes < unsent { return awaitProgress() }
            loop.statistics.httpTimeouts += 1
        case .answering where isHeld: loop.statistics.httpTimeouts += 1
        case .answering, .upgraded: break
        }
        context?.close(promise: nil)
    }
}
