import NIOCore
import NIOWebSocket

/// The last handler of a ``RawWebSocket``: frames into the mailbox, reading only while there is room. Confined to its event loop.
final class RawFrameHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let mailbox: Mailbox<WebSocketMessage>
    private var reader: MessageReader
    private var context: ChannelHandlerContext?
    private var isReading = true
    private var isReadHeldBack = false

    init(mailbox: Mailbox<WebSocketMessage>, maxMessageBytes: Int) {
        self.mailbox = mailbox
        self.reader = MessageReader(maxBytes: maxMessageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        mailbox.finish()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            if let message = try reader.received(unwrapInboundIn(data)) { mailbox.put(message, cost: message.byteCount) }
        } catch {
            context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if isReading, mailbox.count < RawWebSocket.maximumWaiting {
            context.read()
        } else {
            isReadHeldBack = true
        }
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        resume()
    }

    /// There is room again.
    func resume() {
        guard isReading, isReadHeldBack else { return }
        isReadHeldBack = false
        context?.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        mailbox.finish()
        context.fireChannelInactive()
    }
}
