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

/// An encrypted connection whose session lives on another loop. What TLS knows of it cannot leave its channel, so the channel stays where it
/// is and passes plain bytes on over a pair of sockets, whose other end is the session's: it looks like any connection that has moved.
extension ChannelUpgrader {
    func relay(
        _ context: ChannelHandlerContext,
        to target: EngineLoop,
        _ acceptance: WebSocketAcceptance,
        opened: @escaping @Sendable (WebSocketTransport) -> Void
    ) {
        let channel = context.channel
        do {
            // Nothing is read until there is somebody to pass it on to.
            try channel.syncOptions?.setOption(.autoRead, value: false)
            let handler = RelayHandler()
            try channel.pipeline.syncOperations.addHandler(handler)
            let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
            try removeHTTPHandlers(channel) { decoder in
                // Forwards what it has read beyond the request.
                channel.pipeline.syncOperations.removeHandler(context: decoder).whenComplete { _ in
                    guard let (near, far) = Self.socketPair() else { return channel.close(promise: nil) }
                    Self.join(channel, bound.value, to: near)
                    adopt(far, ByteBuffer(), on: target, acceptance, opened: opened)
                }
            }
        } catch {
            channel.close(promise: nil)
        }
    }

    /// Lets `handler` and a channel for the descriptor `near`, on the same loop, pass bytes to each other.
    private static func join(_ channel: any Channel, _ handler: RelayHandler, to near: CInt) {
        let other = NIOLoopBound(RelayHandler(), eventLoop: channel.eventLoop)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let hasChannel = NIOLoopBoundBox(false, eventLoop: channel.eventLoop)
        ClientBootstrap(group: channel.eventLoop)
            .channelInitializer { nearChannel in
                nearChannel.eventLoop.makeCompletedFuture {
                    hasChannel.value = true
                    let options = nearChannel.syncOptions
                    // The session closes its side first, and what it has written until then still has to go out.
                    try options?.setOption(.allowRemoteHalfClosure, value: true)
                    try options?.setOption(.autoRead, value: false)
                    try nearChannel.pipeline.syncOperations.addHandler(other.value)
                }
            }
            .withConnectedSocket(near)
            .whenComplete { result in
                guard case .success(let nearChannel) = result, channel.isActive else {
                    if !hasChannel.value { _ = close(near) }
                    channel.close(promise: nil)
                    return
                }
                RelayHandler.join(bound.value, other.value)
                for end in [channel, nearChannel] { try? end.syncOptions?.setOption(.autoRead, value: true) }
            }
    }

    private static func socketPair() -> (near: CInt, far: CInt)? {
        var descriptors: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let kind = CInt(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &descriptors) == 0 else { return nil }
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return (descriptors[0], descriptors[1])
    }
}

/// Passes what its channel reads on to another channel of the same loop, no faster than that one takes it.
final class RelayHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var other: RelayHandler?
    /// What came before there was anybody to pass it on to.
    private var early: [ByteBuffer] = []
    private var isReadHeld = false

    /// Joins two handlers; from here on each ends with the other.
    static func join(_ left: RelayHandler, _ right: RelayHandler) {
        left.other = right
        right.other = left
        for handler in [left, right] {
            for bytes in handler.early { handler.passOn(bytes) }
            handler.early = []
            handler.other?.context?.flush()
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    private func passOn(_ bytes: ByteBuffer) {
        guard let other, let context = other.context else { return }
        context.write(other.wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if other == nil { early.append(bytes) } else { passOn(bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other?.context?.flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { other?.context?.close(mode: .output, promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let other = self.other
        self.other = nil
        other?.other = nil
        other?.context?.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Pace

    func read(context: ChannelHandlerContext) {
        guard other?.context?.channel.isWritable ?? true else { return isReadHeld = true }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let other, other.isReadHeld {
            other.isReadHeld = false
            other.context?.read()
        }
        context.fireChannelWritabilityChanged()
    }
}
