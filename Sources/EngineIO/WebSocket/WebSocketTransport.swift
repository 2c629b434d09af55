import EngineIOCore
import NIOCore
import NIOPosix

/// The one handler of a WebSocket's pipeline: bytes in, bytes out.
///
/// Every byte that leaves goes through ``write(_:)``, or by ``directDescriptor`` past it: straight to the descriptor while nothing is pending,
/// else through the channel, so that nothing is reordered.
final class WebSocketTransport: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum WriteOutcome {
        /// The kernel has everything.
        case written
        /// The channel holds a rest; ``EngineConnection/webSocketDrained(_:)`` follows when it is out.
        case waiting
    }

    private enum State {
        case open
        /// A close frame has been sent; what else comes is ignored until the peer closes, or the time is over.
        case closing
        case closed
    }

    // In the order that leaves no gaps: there are very many of these. `ObjectSizeTests` say what one takes.
    private let loop: EngineLoop
    /// The handler's place in the pipeline, as long as the socket is open.
    private var context: ChannelHandlerContext?
    private var channel: (any Channel)? { context?.channel }
    /// The session; let go of when the socket ends, which every channel does.
    var connection: EngineConnection?
    // What each message of a client touches. As in `EngineLoop`, release builds do without the checks that no two accesses overlap: both are
    // used on the loop only, and every access is over before anybody else is called.
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var reader = FrameReader()
    private var state = State.open {
        didSet { connection?.updateOutlet() }
    }
    #if !DEBUG
        @exclusivity(unchecked)
    #endif
    private var assembler = MessageAssembler()
    /// The last ping, which is answered when the channel holds nothing any more.
    private var pingToAnswer: PendingPing?
    private var timer = EngineLoop.TimerHandle.none
    /// The socket's descriptor, until the channel begins to close.
    private var direct = DirectSocket.none {
        didSet { connection?.updateOutlet() }
    }
    private var pendingWrites: Int32 = 0 {
        didSet { connection?.updateOutlet() }
    }
    /// As ``windowBits``; 0 for none.
    private let window: UInt8
    /// Whether the channel is being written to, which may close it at once.
    private var isWriting = false
    /// Whether bytes may go past the channel: not where it encrypts them.
    private let writesDirectly: Bool
    /// Whether messages go back to where they came from: ``echo(_:)``.
    var isEcho = false

    /// A class, so that the many sockets that have none hold a pointer only.
    private final class PendingPing {
        let payload: ByteBuffer

        init(payload: ByteBuffer) { self.payload = payload }
    }

    /// The window of compressed messages, as a power of 2; `nil` where the client gets plain ones.
    var windowBits: Int? { window == 0 ? nil : Int(window) }

    init(loop: EngineLoop, windowBits: Int? = nil, writesDirectly: Bool = true) {
        self.loop = loop
        self.writesDirectly = writesDirectly
        self.window = UInt8(windowBits ?? 0)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        loop.eventLoop.assertInEventLoop()
        self.context = context
        guard writesDirectly else { return }
        // Absent on in-memory channels, which so always go through the channel.
        let socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            DirectSocket(descriptor: $0)
        }
        direct = socket ?? .none
    }

    /// The client's address, as the socket says.
    var remoteAddress: SocketAddress? { channel?.remoteAddress }

    // MARK: Sending

    /// What this WebSocket is sent of `frame`.
    func bytes(of frame: OutboundFrame) -> ByteBuffer {
        windowBits.map { loop.deflated(frame, windowBits: $0) } ?? frame.webSocket
    }

    /// Where the loop may write plain frames to, past this object; -1 where that would break a rule.
    var directDescriptor: Int32 {
        state == .open && pendingWrites == 0 && window == 0 ? direct.descriptor : -1
    }

    func write(_ bytes: ByteBuffer) -> WriteOutcome {
        // Once the socket is closed there is no descriptor.
        guard pendingWrites == 0, direct != .none else { return writeThroughChannel(bytes) }
        loop.statistics.writes += 1
        switch direct.write(bytes) {
        case .wrote(let count):
            loop.statistics.bytesSent += count
            return count == bytes.readableBytes ? .written : kernelTook(count, of: bytes)
        case .failed:
            directWriteFailed()
            return .written
        }
    }

    /// The kernel took only the first `count` bytes of a direct write: the rest goes through the channel.
    func kernelTook(_ count: Int, of bytes: ByteBuffer) -> WriteOutcome {
        loop.statistics.shortWrites += 1
        var rest = bytes
        rest.moveReaderIndex(forwardBy: count)
        guard let channel else { return .written }
        return queue(rest, in: channel)
    }

    private func writeThroughChannel(_ bytes: ByteBuffer) -> WriteOutcome {
        guard let channel, state != .closed else { return .written }
        loop.statistics.writes += 1
        return queue(bytes, in: channel)
    }

    private func queue(_ rest: ByteBuffer, in channel: any Channel) -> WriteOutcome {
        loop.statistics.bytesSent += rest.readableBytes
        pendingWrites += 1
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        promise.futureResult.whenComplete { bound.value.writeEnded(succeeded: (try? $0.get()) != nil) }
        isWriting = true
        channel.writeAndFlush(rest, promise: promise)
        isWriting = false
        return pendingWrites > 0 ? .waiting : .written
    }

    private func writeEnded(succeeded: Bool) {
        pendingWrites -= 1
        // After a failure the descriptor is closed already: nothing may be written from here, ``channelInactive(context:)`` follows.
        guard succeeded, pendingWrites == 0 else { return }
        switch state {
        case .open:
            if let ping = pingToAnswer.take() { answerPing(ping.payload) }
            if pendingWrites == 0 { connection?.webSocketDrained(self) }
        case .closing:
            direct = .none
            channel?.close(mode: .output, promise: nil)
        case .closed: break
        }
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state == .open else { return }
        let bytes = unwrapInboundIn(data)
        reader.received(bytes)
        do throws(FrameReader.Violation) {
            // A message may end the connection; what came behind it is not looked at.
            while state == .open, let frame = try reader.next(maxPayload: loop.configuration.maxPayload) { received(frame) }
        } catch {
            end(reason: .transportError, code: error.closeCode)
        }
        loop.receiveBuffers.giveBack(bytes)
    }

    private func received(_ frame: ReceivedFrame) {
        let inflater = window == 0 ? nil : loop.compressors.inflater()
        let action = assembler.received(frame, maxPayload: loop.configuration.maxPayload, inflater: inflater)
        if isEcho, echo(action) { return }
        switch action {
        case .text(let text):
            do {
                deliver(speaksProtocol3 ? try EnginePacket(protocol3Text: text) : try EnginePacket(encoded: text))
            } catch {
                end(reason: .parseError, code: nil)
            }
        case .binary(let binary):
            do {
                deliver(speaksProtocol3 ? try EnginePacket(protocol3Binary: binary) : .binary(binary))
            } catch {
                end(reason: .parseError, code: nil)
            }
        case .pong(let payload):
            // Of several pings the last may be answered alone (RFC 6455, section 5.5.3): who does not read its pongs gets one.
            if pendingWrites == 0 { answerPing(payload) } else { pingToAnswer = PendingPing(payload: payload) }
        case .peerClosed(let code): end(reason: .transportClose, code: code)
        case .fail(let code): end(reason: .transportError, code: code)
        case .nothing: break
        }
    }

    private func answerPing(_ payload: ByteBuffer) {
        _ = write(Self.controlFrame(opcode: 0x8A, payload: payload))
    }

    private var speaksProtocol3: Bool { connection?.revision == .three }

    private func deliver(_ packet: EnginePacket) {
        connection?.webSocket(self, received: packet)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail()
        report(.transportError)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
    }

    // MARK: The end

    /// Sends a close frame (empty, or with `code`) and closes once the peer has, or after a few seconds.
    func close(code: UInt16?) {
        guard state == .open else { return }
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        _ = write(Self.controlFrame(opcode: 0x88, payload: payload))
        guard state == .open, let channel else { return }
        state = .closing
        stopTimer()
        timer = loop.schedule(self, at: loop.now + loop.configuration.closeTimeout)
        // Half-close: a full close with unread bytes would reset the connection, and the peer might never see the close frame.
        if pendingWrites == 0 {
            direct = .none
            channel.close(mode: .output, promise: nil)
        }
    }

    private func end(reason: CloseReason, code: UInt16?) {
        if reason == .transportError, let code { loop.statistics.webSocketFailures[code, default: 0] += 1 }
        close(code: code)
        report(reason)
    }

    private func report(_ reason: CloseReason) {
        // As ``directWriteFailed()``: a flush must not call into the application.
        if isWriting { return loop.eventLoop.assumeIsolated().execute { self.report(reason) } }
        let connection = self.connection
        self.connection = nil
        connection?.webSocketClosed(self, reason: reason)
    }

    /// The connection is broken: closes without a close frame.
    private func fail() {
        direct = .none
        state = .closed
        channel?.close(promise: nil)
    }

    /// A direct write failed: as ``fail()``, in the next pass, because a flush must not call into the application, which closing does.
    func directWriteFailed() {
        direct = .none
        state = .closed
        let channel = self.channel
        loop.eventLoop.execute { channel?.close(promise: nil) }
    }

    private func ended() {
        state = .closed
        direct = .none
        context = nil
        stopTimer()
        report(.transportClose)
    }

    /// A probe must become the transport within the upgrade time-out.
    func startProbeTimer() {
        stopTimer()
        timer = loop.schedule(self, at: loop.now + loop.configuration.upgradeTimeout)
    }

    func stopTimer() {
        loop.cancel(timer)
        timer = .none
    }

    static func controlFrame(opcode: UInt8, payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(opcode)
        frame.writeInteger(UInt8(min(payload.readableBytes, 125)))
        frame.writeImmutableBuffer(payload)
        return frame
    }
}

extension WebSocketTransport: TimerTarget {
    func timerFired(now: MonotonicInstant) {
        timer = .none
        if state == .open { end(reason: .transportError, code: nil) } else { fail() }
    }
}
