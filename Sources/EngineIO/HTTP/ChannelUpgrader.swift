import NIOCore
import NIOHTTP1
import NIOPosix

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
/// session and its socket always share a loop. An encrypted connection cannot move: its bytes are relayed.
struct ChannelUpgrader: Sendable {
    /// Answers as `acceptance` says and calls `opened` on the target loop once the WebSocket handlers are in place.
    ///
    /// In the next task of the loop: the HTTP decoder may be in the middle of what it has read, and should it find further requests there, they
    /// must not come to a handler of bytes.
    func upgrade(
        _ context: ChannelHandlerContext,
        on target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        isSecure: Bool = false,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            guard bound.value.channel.isActive else { return }
            upgradeNow(bound.value, on: target, acceptance, isSecure: isSecure, opened: opened)
        }
    }

    private func upgradeNow(
        _ context: ChannelHandlerContext,
        on target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        isSecure: Bool,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        if target.eventLoop.inEventLoop {
            switchHandlers(context, on: target, acceptance, isSecure: isSecure, opened: opened)
        } else if isSecure {
            relay(context, to: target, acceptance, opened: opened)
        } else {
            move(context, to: target, acceptance, opened: opened)
        }
    }

    private func switchHandlers(
        _ context: ChannelHandlerContext,
        on loop: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        isSecure: Bool,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let channel = context.channel
        do {
            let transport = WebSocketTransport(loop: loop, windowBits: acceptance.windowBits, writesDirectly: !isSecure)
            // What the HTTP decoder has read beyond the request is forwarded at its removal and must find the WebSocket's handler.
            try channel.pipeline.syncOperations.addHandler(transport)
            let bound = NIOLoopBound(transport, eventLoop: channel.eventLoop)
            try removeHTTPHandlers(channel) { decoder in
                _ = bound.value.write(acceptance.response)
                opened(bound.value)
                channel.pipeline.syncOperations.removeHandler(context: decoder, promise: nil)
            }
        } catch {
            channel.close(promise: nil)
        }
    }

    /// Removes the HTTP handlers but for the decoder, and then calls `done` with that one; closes the channel where that fails.
    func removeHTTPHandlers(_ channel: any Channel, _ done: @escaping @Sendable (ChannelHandlerContext) -> Void) throws {
        let operations = channel.pipeline.syncOperations
        let removals = [
            operations.removeHandler(try operations.handler(type: HTTPResponseEncoder.self)),
            // Hands on what it holds back, to the request handler, which lets it go.
            operations.removeHandler(try operations.handler(type: HTTPServerPipelineHandler.self)),
            operations.removeHandler(try operations.handler(type: HTTPRequestHandler.self)),
        ]
        let decoder = NIOLoopBound(
            try operations.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self),
            eventLoop: channel.eventLoop
        )
        EventLoopFuture.andAllSucceed(removals, on: channel.eventLoop).assumeIsolated().whenComplete { result in
            guard case .success = result, channel.isActive else { return channel.close(promise: nil) }
            done(decoder.value)
        }
    }

    private func move(
        _ context: ChannelHandlerContext,
        to target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let channel = context.channel
        do {
            // Nothing may be read any more that would be lost with the old channel.
            try channel.syncOptions?.setOption(.autoRead, value: false)
            let leftovers = LeftoverCollector()
            try channel.pipeline.syncOperations.addHandler(leftovers)
            let bound = NIOLoopBound(leftovers, eventLoop: channel.eventLoop)
            try removeHTTPHandlers(channel) { decoder in
                // Forwards what it has read beyond the request.
                channel.pipeline.syncOperations.removeHandler(context: decoder).whenComplete { _ in
                    let duplicate = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                        dup($0)
                    }
                    channel.close(promise: nil)
                    guard let duplicate, duplicate >= 0 else { return }
                    adopt(duplicate, bound.value.bytes, on: target, acceptance, opened: opened)
                }
            }
        } catch {
            channel.close(promise: nil)
        }
    }

    /// Makes a channel of `target` for a descriptor. `leftovers` have been read from it already.
    func adopt(
        _ descriptor: CInt,
        _ leftovers: ByteBuffer,
        on target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        // Once the channel is there it closes the descriptor, whatever becomes of it.
        let hasChannel = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: target.eventLoop)
        ClientBootstrap(group: target.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    hasChannel.value = true
                    let options = channel.syncOptions
                    try options?.setOption(.recvAllocator, value: ReceiveAllocator(loop: target))
                    try ReceiveAllocator.readOnce(channel)
                    // The leftovers come first.
                    try options?.setOption(.autoRead, value: false)
                    let transport = WebSocketTransport(loop: target, windowBits: acceptance.windowBits)
                    try channel.pipeline.syncOperations.addHandler(transport)
                }
            }
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    guard let transport = try? channel.pipeline.syncOperations.handler(type: WebSocketTransport.self) else { return }
                    _ = transport.write(acceptance.response)
                    opened(transport)
                    if leftovers.readableBytes > 0 { channel.pipeline.fireChannelRead(leftovers) }
                    try? channel.syncOptions?.setOption(.autoRead, value: true)
                case .failure:
                    if !hasChannel.value { _ = close(descriptor) }
                }
            }
    }
}

/// Keeps the bytes that the HTTP decoder forwards at its removal.
private final class LeftoverCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var bytes = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
    }
}
