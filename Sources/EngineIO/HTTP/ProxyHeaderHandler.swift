import EngineIOCore
import NIOCore

/// The first handler of a connection from a proxy that says whose it is: reads that, tells the handlers behind it, and goes.
///
/// A connection that begins otherwise is closed. One that says nothing at all is closed as any whose first request does not come.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let loop: EngineLoop
    private var bytes = ByteBuffer()
    private var isDone = false

    init(loop: EngineLoop) {
        self.loop = loop
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        do throws(ProxyHeaderError) {
            guard let header = try ProxyHeader.read(from: &bytes) else { return }
            isDone = true
            if case .client(let address) = header { context.fireUserInboundEventTriggered(ProxiedClient(address: address)) }
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            isDone = true
            loop.statistics.refusedProxyHeaders += 1
            context.close(promise: nil)
        }
    }
}

/// A proxy has said from which address the connection comes.
struct ProxiedClient: Sendable {
    let address: SocketAddress
}
