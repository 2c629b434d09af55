import EngineIOCore
import NIOCore
import NIOWebSocket

/// Packets over a WebSocket: the last handler of the client's pipeline. Confined to its event loop.
final class WebSocketClientTransport: ChannelInboundHandler, ClientTransport {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let delegate: any ClientTransportDelegate
    private var reader: MessageReader
    private var context: ChannelHandlerContext?
    private var isClosing = false
    private var reason = SocketIOCloseReason.transportClose

    init(delegate: any ClientTransportDelegate, maxMessageBytes: Int) {
        self.delegate = delegate
        self.reader = MessageReader(maxBytes: maxMessageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        delegate.transportOpened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
    }

    // MARK: Sending

    func send(_ messages: [EngineMessage], promise: EventLoopPromise<Void>?) {
        guard let context, !isClosing else {
            promise?.fail(SocketIOClientError(.closed, "the connection has ended"))
            return
        }
        for (index, message) in messages.enumerated() {
            let last = index == messages.count - 1 ? promise : nil
            switch message {
            case .text(let bytes): write(.text, bytes, context, promise: last)
            case .binary(let bytes): write(.binary, bytes, context, promise: last)
            }
        }
        context.flush()
    }

    private func write(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        // A client must mask (RFC 6455, section 5.3).
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: bytes)
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func close() {
        close(code: nil)
    }

    private func close(code: UInt16?) {
        guard let context, !isClosing else { return }
        isClosing = true
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        write(.connectionClose, payload, context, promise: nil)
        context.flush()
        // The server closes once it has the frame; one that does not is not waited for long.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(3)) { bound.value.abort() }
    }

    func abort() {
        isClosing = true
        context?.close(promise: nil)
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            guard let message = try reader.received(unwrapInboundIn(data)) else { return }
            switch message {
            case .text(let text): deliver(text)
            case .binary(let binary): delegate.transport(self, received: .binary(binary))
            case .ping(let payload):
                write(.pong, payload, context, promise: nil)
                context.flush()
            case .pong: break
            case .close(let code):
                close(code: code)
                abort()
            }
        } catch {
            reason = .transportError
            close(code: error.code)
        }
    }

    private func deliver(_ text: ByteBuffer) {
        do {
            delegate.transport(self, received: try EnginePacket(text: text))
        } catch {
            reason = .parseError
            close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = .transportError
        abort()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func ended() {
        guard context != nil else { return }
        context = nil
        delegate.transportClosed(self, reason: reason)
    }
}
