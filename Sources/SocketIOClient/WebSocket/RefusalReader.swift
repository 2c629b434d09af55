import NIOCore
import NIOHTTP1

/// Reads the HTTP answer of a server that does not open a WebSocket. Confined to its channel's event loop.
final class RefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private static let maximumBody = 4_096

    let promise: EventLoopPromise<SocketIOClientError>
    private var status: HTTPResponseStatus?
    private var body = ByteBuffer()

    /// - Parameter promise: Done when the answer is whole or the connection has ended.
    init(promise: EventLoopPromise<SocketIOClientError>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(var bytes): if body.readableBytes < Self.maximumBody { body.writeBuffer(&bytes) }
        case .end: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let status {
            promise.succeed(SocketIOClientError(.refused, "HTTP \(status.code): \(String(buffer: body))", status: Int(status.code)))
        } else {
            promise.fail(SocketIOClientError(.closed, "the connection ended before an answer came"))
        }
        context.fireChannelInactive()
    }
}
