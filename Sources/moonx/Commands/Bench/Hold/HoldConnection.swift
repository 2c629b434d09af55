import NIOCore

/// One held connection: it gets in, answers pings, and enters in its loop's ledger what it receives. Confined to its event loop.
final class HoldConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What it sends to get in, and who waits for that. Forgotten when it is in.
    struct Opening {
        let upgrade: ByteBuffer
        let connect: ByteBuffer
        let join: ByteBuffer
        let ready: EventLoopPromise<Void>
    }

    private static let pong = ClientFrame.text("3")

    private let tally: HoldTally
    private let room: Int
    private var opening: Opening?
    private var handshake = LeanHandshake(joins: true)
    private var frames = WholeFrames()
    /// Its number in the ledger.
    private var seat = 0
    private var reason = "it closed without a word"

    /// - Parameter room: The number of the room that it joins.
    init(room: Int, opening: Opening, tally: HoldTally) {
        self.room = room
        self.opening = opening
        self.tally = tally
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let opening else { return }
        context.writeAndFlush(wrapOutboundOut(opening.upgrade), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        // `unsafe`: the pointer is used within the closure only.
        guard let head = bytes.withUnsafeReadableBytes({ handshake.head(in: $0) }) else { return }
        bytes.moveReaderIndex(forwardBy: head)
        frames.received(bytes) { received($0, $1, context) }
    }

    private func received(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer, _ context: ChannelHandlerContext) {
        guard opcode == 1 else {
            if opcode == 8 { end("the server closed the connection", context) }
            return
        }
        if handshake.isReady, let event = NumberedEvent(payload) { return tally.received(event, by: seat) }
        let prefix = payload.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(56 - 8 * $1.offset) }
        switch handshake.received(prefix: prefix, length: payload.count) {
        case .enter: if let opening { context.writeAndFlush(wrapOutboundOut(opening.connect), promise: nil) }
        case .join: if let opening { context.writeAndFlush(wrapOutboundOut(opening.join), promise: nil) }
        case .answerPing:
            tally.answeredPing()
            context.writeAndFlush(wrapOutboundOut(Self.pong), promise: nil)
        case .ready:
            seat = tally.join(room: room)
            opening?.ready.succeed()
            opening = nil
        case .refused:
            end("the server refused the connection or its room: \(String(decoding: payload.prefix(200), as: UTF8.self))", context)
        case .nothing: break
        }
    }

    private func end(_ reason: String, _ context: ChannelHandlerContext) {
        self.reason = reason
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end("\(error)", context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let opening {
            opening.ready.fail(BenchFailure("\(reason) before it was ready"))
        } else {
            tally.connectionEnded(reason)
        }
    }
}
