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

    private enum State {
        /// The last four bytes of the answer's head so far.
        case handshake(UInt32)
        case connecting
        case joining
        case ready
    }

    /// `42["pric`: an event of the measurement, among others.
    private static let delivery: UInt64 = 0x3432_5B22_7072_6963
    /// `42["room`: the answer to `join_room`.
    private static let joined: UInt64 = 0x3432_5B22_726F_6F6D

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
    private var state = State.handshake(0)
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
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(script.request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // `unsafe`: the pointer is used within the closure only.
        unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
            var rest = bytes
            if case .handshake(let last) = state {
                guard let end = endOfHead(bytes, last) else { return }
                state = .connecting
                rest = UnsafeRawBufferPointer(rebasing: bytes[end...])
            }
            counter.received(rest) { handle($0, context) }
        }
    }

    private func endOfHead(_ bytes: UnsafeRawBufferPointer, _ last: UInt32) -> Int? {
        var last = last
        for (index, byte) in bytes.enumerated() {
            last = last << 8 | UInt32(byte)
            if last == 0x0D0A_0D0A { return index + 1 }
        }
        state = .handshake(last)
        return nil
    }

    private func handle(_ frame: FrameCounter.Frame, _ context: ChannelHandlerContext) {
        guard frame.opcode == 1 else {
            if frame.opcode == 8 { fail(BenchFailure("the server closed a connection"), context) }
            return
        }
        // Pings come without end.
        if frame.payloadLength > 1 { tally.frameReceived() }
        if frame.prefix == Self.delivery {
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
        switch (UInt8(truncatingIfNeeded: frame.prefix >> 56), UInt8(truncatingIfNeeded: frame.prefix >> 48)) {
        case (UInt8(ascii: "0"), _):
            context.writeAndFlush(wrapOutboundOut(connect), promise: nil)
        case (UInt8(ascii: "2"), _) where frame.payloadLength == 1:
            context.writeAndFlush(wrapOutboundOut(script.pong), promise: nil)
        case (UInt8(ascii: "4"), UInt8(ascii: "0")): connected(context)
        case (UInt8(ascii: "4"), UInt8(ascii: "4")): fail(BenchFailure("the server refused a connection (token?)"), context)
        default:
            if case .joining = state, frame.prefix == Self.joined { becomeReady() }
        }
    }

    private func connected(_ context: ChannelHandlerContext) {
        guard let join else { return becomeReady() }
        state = .joining
        context.writeAndFlush(wrapOutboundOut(join), promise: nil)
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

    private func becomeReady() {
        state = .ready
        ready.succeed()
    }

    private func fail(_ error: BenchFailure, _ context: ChannelHandlerContext) {
        ready.fail(error)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .ready = state { tally.connectionEnded() }
        ready.fail(BenchFailure("the server closed a connection before it was ready"))
    }
}
