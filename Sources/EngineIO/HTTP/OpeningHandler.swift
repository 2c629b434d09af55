import EngineIOCore
import NIOCore
import NIOHTTP1

/// The first handler of a connection: opens a WebSocket whose request is good and of the plain form, which nearly all are, without a pipeline
/// of HTTP handlers being made and taken apart for it. Every other request goes to those handlers, which it puts behind itself: whatever is
/// refused they refuse.
final class OpeningHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let loop: EngineLoop
    private let isSecure: Bool
    /// Makes the HTTP handlers of a connection that began at that moment.
    private let makeHandlers: (_ began: MonotonicInstant) -> [any ChannelHandler]
    private let began: MonotonicInstant
    private var bytes = ByteBuffer()
    private var reader = OpeningRequestReader()
    private var proxied: ProxiedClient?
    private var isDone = false
    private var context: ChannelHandlerContext?
    private var timer = EngineLoop.TimerHandle.none

    init(loop: EngineLoop, isSecure: Bool, makeHandlers: @escaping (_ began: MonotonicInstant) -> [any ChannelHandler]) {
        self.loop = loop
        self.isSecure = isSecure
        self.makeHandlers = makeHandlers
        self.began = loop.now
    }

    /// Whether any request can be opened by this handler. An application that is asked first answers later, which is for the HTTP handlers.
    static func isOfUse(_ configuration: EngineConfiguration) -> Bool {
        configuration.allowRequest == nil && configuration.transports.contains(.websocket) && !configuration.echoesWebSockets
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.statistics.openHTTP += 1
        timer = loop.schedule(self, at: began + loop.configuration.handshakeTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.statistics.openHTTP -= 1
        loop.cancel(timer)
        timer = .none
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let proxied = event as? ProxiedClient, !isDone { self.proxied = proxied } else { context.fireUserInboundEventTriggered(event) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isDone { context.fireErrorCaught(error) } else { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        var part = unwrapInboundIn(data)
        if bytes.readableBytes == 0 {
            bytes = part
            // From now on: the first buffer is a few bytes only, and the rest of the request is read in the same go.
            do { try ReceiveAllocator.readOnce(context.channel) } catch { return context.close(promise: nil) }
        } else {
            bytes.writeBuffer(&part)
        }
        switch reader.read(bytes) {
        case .incomplete: break
        case .request(let head, let length):
            isDone = true
            if !open(head, length: length, context) { handOver(context) }
        case .other:
            isDone = true
            handOver(context)
        }
    }

    /// Opens the session; `false` where the request is not for that, or is to be refused.
    private func open(_ head: HTTPRequestHead, length: Int, _ context: ChannelHandlerContext) -> Bool {
        let configuration = loop.configuration
        guard !loop.isDraining, let text = loop.path.query(of: head.uri) else { return false }
        let query = EngineQuery(text)
        // With protocol 3 the official test suite begins to listen after its WebSocket has opened: what comes together with that it misses.
        guard EngineRevision(query) == .four else { return false }
        guard case .open(.websocket)? = try? configuration.request(head, query: query),
            let acceptance = try? configuration.acceptance(of: head, isHandshake: true)
        else { return false }
        let transport = WebSocketTransport(loop: loop, windowBits: acceptance.windowBits, writesDirectly: !isSecure)
        do { try context.pipeline.syncOperations.addHandler(transport, position: .after(self)) } catch { return false }
        let remoteAddress = proxied?.address ?? context.channel.remoteAddress
        let handshake = EngineHandshake(headers: head.headers, query: query, remoteAddress: remoteAddress, isSecure: isSecure)
        let connection = EngineConnection(loop: loop, transport: .websocket, handshake: handshake)
        connection.open(webSocket: transport, behind: acceptance.response)
        bytes.moveReaderIndex(forwardBy: length)
        passOn(context)
        return true
    }

    private func handOver(_ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.addHandlers(makeHandlers(began), position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        if let proxied { context.fireUserInboundEventTriggered(proxied) }
        passOn(context)
    }

    /// Gives the handlers behind this one what has come beyond, and goes.
    private func passOn(_ context: ChannelHandlerContext) {
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
        bytes = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

extension OpeningHandler: TimerTarget {
    func timerFired(now: MonotonicInstant) {
        timer = .none
        loop.statistics.httpTimeouts += 1
        context?.close(promise: nil)
    }
}
