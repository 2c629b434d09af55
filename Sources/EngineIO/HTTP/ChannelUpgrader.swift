import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns an HTTP connection into a WebSocket on the loop of its session.
///
/// Usually that is the loop the connection is on already, and only handlers change. Where a session began with polls on another loop, the
/// connection moves there: its descriptor is duplicated into a new channel of the target loop and the old channel is closed, so that a
/// session and its socket always share a loop.
struct ChannelUpgrader: Sendable {
    /// Answers as `acceptance` says and calls `opened` on the target loop once the WebSocket handlers are in place.
    func upgrade(
        _ context: ChannelHandlerContext,
        on target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        if target.eventLoop.inEventLoop {
            switchHandlers(context, on: target, acceptance, opened: opened)
        } else {
            move(context, to: target, acceptance, opened: opened)
        }
    }

    private func switchHandlers(
        _ context: ChannelHandlerContext,
        on loop: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let channel = context.channel
        let pipeline = channel.pipeline
        do {
            let operations = pipeline.syncOperations
            let transport = WebSocketTransport(loop: loop, windowBits: acceptance.windowBits)
            // What the HTTP decoder has read beyond the request is forwarded at its removal and must find the frame decoder.
            try operations.addHandlers([Self.frameDecoder(loop), transport])
            let removals = [
                operations.removeHandler(try operations.handler(type: HTTPResponseEncoder.self)),
                operations.removeHandler(try operations.handler(type: HTTPRequestHandler.self)),
                operations.removeHandler(try operations.handler(type: HTTPServerPipelineHandler.self)),
            ]
            let decoder = try operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let bound = NIOLoopBound((transport, decoder), eventLoop: channel.eventLoop)
            EventLoopFuture.andAllSucceed(removals, on: channel.eventLoop).assumeIsolated().whenComplete { result in
                guard case .success = result, channel.isActive else { return channel.close(promise: nil) }
                let (transport, decoder) = bound.value
                _ = transport.write(acceptance.response)
                opened(transport)
                channel.pipeline.syncOperations.removeHandler(context: decoder, promise: nil)
            }
        } catch {
            channel.close(promise: nil)
        }
    }

    private func move(
        _ context: ChannelHandlerContext,
        to target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let channel = context.channel
        let descriptor = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { dup($0) }
        channel.close(promise: nil)
        guard let descriptor, descriptor >= 0 else { return }
        ClientBootstrap(group: target.eventLoop)
            .channelOption(.recvAllocator, value: EngineServer.receiveAllocator)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let transport = WebSocketTransport(loop: target, windowBits: acceptance.windowBits)
                    try channel.pipeline.syncOperations.addHandlers([Self.frameDecoder(target), transport])
                }
            }
            .withConnectedSocket(descriptor)
            .whenSuccess { channel in
                guard let transport = try? channel.pipeline.syncOperations.handler(type: WebSocketTransport.self) else { return }
                _ = transport.write(acceptance.response)
                opened(transport)
            }
    }

    private static func frameDecoder(_ loop: EngineLoop) -> ByteToMessageHandler<WebSocketFrameDecoder> {
        ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: loop.configuration.maxPayload))
    }
}
