import NIOCore

/// One lean client: a single handler that answers pings and counts frames, without looking into their JSON. Confined to its event loop.
final class SwarmConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections have in common; frames and requests are encoded once.
    struct Script: Sendable {
        let request: ByteBuffer
        let pong = ClientFrame.text("3")
        let ping = ClientFrame.text("42[\"ping\",{}]")
    }

    /// `42["pric`: an event of the measurement, among others.
    private static let delivery: UInt64 = 0x3432_5B22_7072_6963
    /// `42["pong`: the answer to the event `ping`.
    private static let pong: UInt64 = 0x3432_5B22_706F_6E67

    private let script: Script
    private let connect: ByteBuffer
    private let join: ByteBuffer?
    private let room: Int
    private let tally: LoopTally
    /// How many deliveries came since the tally keeps to a schedule.
    private var scheduled = 0
    private var pinged = NIODeadline.now()
    private let ready: EventLoopPromise<Void>
    private var handshake: LeanHandshake
    private var counter = FrameCounter()

    /// - Parameters:
    ///   - connect: The frame that enters the namespace.
    ///   - join: The frame that joins a room once connected; `nil` for none.
    ///   - room: Which of the swarm's rooms that is.
    ///   - ready: Done when connected, and joined where there is a room.
    init(_ script: Script, connect: ByteBuffer, join: ByteBuffer?, room: Int, tally: LoopTally, ready: EventLoopPromise<Void>) {
        self.script = script
        self.connect = connect
        self.join = join
        self.room = room
        self.tally = tally
        self.ready = ready
        self.handshake = LeanHandshake(joins: join != nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(script.request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // `unsafe`: the pointer is used within the closure only.
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            guard let head = handshake.head(in: bytes) else { return }
            counter.received(UnsafeRawBufferPointer(rebasing: bytes[head...])) { handle($0, context) }
        }
    }

    private func handle(_ frame: FrameCounter.Frame, _ context: ChannelHandlerContext) {
        guard frame.opcode == 1 else {
            if frame.opcode == 8 { fail(BenchFailure("the server closed a connection"), context) }
            return
        }
        // Pings come without end.
        if frame.payloadLength > 1 { tally.frameReceived() }
        // What is compressed is not looked into: before it is in its room, a client gets nothing long enough for that.
        if frame.prefix == Self.delivery || frame.isCompressed {
            tally.delivered(bytes: frame.wireLength)
            if let schedule = tally.schedule {
                tally.record(since: schedule.instant(ofMessage: scheduled, inRoom: room))
                scheduled += 1
            }
            return
        }
        if frame.prefix == Self.pong {
            tally.record(since: pinged)
            return ping(context)
        }
        switch handshake.received(prefix: frame.prefix, length: frame.payloadLength) {
        case .enter: context.writeAndFlush(wrapOutboundOut(connect), promise: nil)
        case .join: if let join { context.writeAndFlush(wrapOutboundOut(join), promise: nil) }
        case .answerPing: context.writeAndFlush(wrapOutboundOut(script.pong), promise: nil)
        case .ready: ready.succeed()
        case .refused: fail(BenchFailure("the server refused a connection (token?) or its room"), context)
        case .nothing: break
        }
    }

    /// Sends the event `ping`, unless the measurement is over. The answer brings the next.
    private func ping(_ context: ChannelHandlerContext) {
        guard tally.isEchoing else { return }
        pinged = .now()
        context.writeAndFlush(wrapOutboundOut(script.ping), promise: nil)
    }

    /// The first ping comes from outside.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is StartEcho { ping(context) }
    }

    /// Tells a connection to begin with its pings.
    struct StartEcho: Sendable {}

    private func fail(_ error: BenchFailure, _ context: ChannelHandlerContext) {
        ready.fail(error)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if handshake.isReady { tally.connectionEnded() }
        ready.fail(BenchFailure("the server closed a connection before it was ready"))
    }
}
