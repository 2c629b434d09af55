import EngineIOCore
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps an event loop from sleeping for a while after it has had something to do (``EngineConfiguration/busyPolling``).
///
/// Tasks cannot do that: SwiftNIO runs all that are due before it asks the kernel again, those that a task has added too, and sleeps where there
/// is none. A pipe with a byte in it can: as long as there is one, asking the kernel returns at once. Each time the byte is read and, if the loop
/// is to look again, written anew.
///
/// Confined to its loop.
final class BusyPoller: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let byte = ByteBuffer(integer: UInt8(0))

    /// Weak: a server may be let go of without an end.
    private weak var loop: EngineLoop?
    private var polling: BusyPolling
    private var context: ChannelHandlerContext?

    private init(_ loop: EngineLoop) {
        self.loop = loop
        self.polling = BusyPolling(for: loop.configuration.busyPolling)
    }

    /// Makes `loop` one that polls. From anywhere.
    ///
    /// - Throws: Where no pipe can be had.
    static func attach(to loop: EngineLoop) async throws {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw IOError(errnoCode: errno, reason: "pipe") }
        do {
            _ = try await NIOPipeBootstrap(group: loop.eventLoop)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16))
                // One look, then whatever else there is.
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(BusyPoller(loop)) }
                }
                .takingOwnershipOfDescriptors(input: ends[0], output: ends[1])
                .get()
        } catch {
            // It has not taken them.
            for end in ends { close(end) }
            throw error
        }
    }

    /// The loop has had something to do.
    func worked() {
        guard let context, polling.worked(now: now) else { return }
        look(context)
    }

    /// Gives the pipe back. The loop sleeps again.
    func stop() {
        context?.close(promise: nil)
    }

    private var now: MonotonicInstant { MonotonicInstant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds)) }

    private func look(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(Self.byte), promise: nil)
    }

    // MARK: ChannelInboundHandler

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        loop?.poller = self
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let loop else { return context.close(promise: nil) }
        loop.statistics.busyPolls += 1
        if polling.looked(now: now) { look(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        loop?.poller = nil
    }
}
