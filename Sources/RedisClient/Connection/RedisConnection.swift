import NIOCore
import RESP

/// Who has a connection. Everything on the loop of the connection.
protocol RedisConnectionDelegate: AnyObject {
    /// The greeting is over: commands may be written.
    func connectionReady(_ connection: RedisConnection, _ greeting: ConnectionHandshake.Greeting)
    /// A value came, after the greeting.
    func connectionReceived(_ value: RESPValue)
    /// The connection is over, whether it was ready or not; once.
    func connectionClosed(_ connection: RedisConnection, _ error: RedisError)
}

/// One connection to Redis: bytes to values, and commands to bytes, which leave together at the end of a pass of the loop.
///
/// Confined to the loop of its channel.
final class RedisConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case connecting, greeting, ready, closed }

    /// When something came last.
    private(set) var lastReceived: NIODeadline
    private weak var delegate: (any RedisConnectionDelegate)?
    private let environment: ConnectionEnvironment
    private var context: ChannelHandlerContext?
    private var phase = Phase.connecting
    private var handshake: ConnectionHandshake
    private var input = RESPInput()
    private var output = ByteBuffer()
    private var isFlushScheduled = false
    private var greetingTimer: Scheduled<Void>?

    init(_ environment: ConnectionEnvironment, delegate: any RedisConnectionDelegate) {
        self.environment = environment
        self.delegate = delegate
        self.handshake = ConnectionHandshake(environment.configuration)
        self.lastReceived = environment.eventLoop.now
    }

    /// Writes a command at the end of this pass of the loop, with the others of the pass.
    func write(_ command: RedisCommand) {
        guard phase != .closed else { return }
        command.write(to: &output)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        environment.eventLoop.assumeIsolated().execute { self.flush() }
    }

    /// Ends the connection; the delegate is told at once.
    func close(_ error: RedisError) {
        guard phase != .closed else { return }
        phase = .closed
        greetingTimer?.cancel()
        context?.close(promise: nil)
        context = nil
        delegate?.connectionClosed(self, error)
        delegate = nil
    }

    private func flush() {
        isFlushScheduled = false
        guard let context, output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        // The channel has the bytes now; a buffer that grew large is not kept.
        output = ByteBuffer()
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { opened() }
    }

    func channelActive(context: ChannelHandlerContext) {
        opened()
        context.fireChannelActive()
    }

    private func opened() {
        guard phase == .connecting else { return }
        phase = .greeting
        let timeout = TimeAmount(environment.configuration.connectTimeout)
        greetingTimer = environment.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            self?.close(RedisError(.timeout, "Redis did not answer while connecting: check the address, and TLS on both sides"))
        }
        perform(handshake.opened())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastReceived = environment.eventLoop.now
        input.received(unwrapInboundIn(data))
        do throws(RESPProtocolError) {
            while phase != .closed, let value = try input.next() { received(value) }
        } catch {
            close(
                RedisError(
                    .protocolViolation,
                    "what came is not Redis' protocol: check that the address is a Redis server's",
                    underlying: error
                )
            )
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(RedisError(.connection, "Redis has closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connection, "the connection to Redis has failed", underlying: error))
    }

    // MARK: The greeting

    private func received(_ value: RESPValue) {
        if phase == .ready {
            delegate?.connectionReceived(value)
        } else if phase == .greeting {
            perform(handshake.received(value))
        }
    }

    private func perform(_ action: ConnectionHandshake.Action) {
        switch action {
        case .send(let command): write(command)
        case .failed(let error): close(error)
        case .ready(let greeting):
            phase = .ready
            greetingTimer?.cancel()
            delegate?.connectionReady(self, greeting)
        }
    }
}
