import EngineIOCore
import NIOCore
import SocketIOCore
import Synchronization

/// One connection on its event loop: runs the actions of the ``ClientMachine``, keeps acks and deadlines.
///
/// `@unchecked Sendable`: the variables are confined to `eventLoop`, and the methods that touch them assert that; the constants are
/// `Sendable` themselves.
final class ClientConnection: ClientTransportDelegate, @unchecked Sendable {
    let eventLoop: any EventLoop
    let namespace: String
    let parser: SocketIOParser
    let mailbox: Mailbox<SocketIOEvent>
    /// Done when CONNECT has been answered.
    let connected: EventLoopFuture<(EngineParameters, SocketIOSession)>
    /// Done when the connection has ended.
    let closed: EventLoopFuture<SocketIOCloseReason>
    private let ending = Mutex<SocketIOCloseReason?>(nil)

    private let connectedPromise: EventLoopPromise<(EngineParameters, SocketIOSession)>
    private let closedPromise: EventLoopPromise<SocketIOCloseReason>
    private var machine: ClientMachine
    private var parameters: EngineParameters?
    private var transport: (any ClientTransport)?
    private var acks = AckTable<EventLoopPromise<EventArguments>, NIODeadline>()
    /// Fires when the server's pings have stopped.
    private var silence: Scheduled<Void>?

    init(
        eventLoop: any EventLoop,
        namespace: String,
        auth: ByteBuffer?,
        recovery: SocketIORecovery?,
        parser: SocketIOParser,
        mailbox: Mailbox<SocketIOEvent>
    ) {
        self.eventLoop = eventLoop
        self.namespace = namespace
        self.parser = parser
        self.mailbox = mailbox
        self.machine = ClientMachine(namespace: namespace, auth: auth, recovery: recovery, parser: parser)
        self.connectedPromise = eventLoop.makePromise()
        self.closedPromise = eventLoop.makePromise()
        self.connected = connectedPromise.futureResult
        self.closed = closedPromise.futureResult
    }

    /// Why the connection ended; `nil` while it lasts. Any thread.
    var closeReason: SocketIOCloseReason? { ending.withLock { $0 } }

    /// What asks for this session again.
    var recovery: SocketIORecovery? {
        eventLoop.assertInEventLoop()
        return machine.recovery
    }

    // MARK: Sending

    /// Sends one packet: its text, and its attachments after it.
    func send(_ messages: [EngineMessage], promise: EventLoopPromise<Void>?) {
        eventLoop.assertInEventLoop()
        guard let transport, closeReason == nil else {
            promise?.fail(Self.closedError)
            return
        }
        transport.send(OutgoingPacket.encoded(messages, for: parser), promise: promise)
    }

    /// Sends an event and waits for its ack.
    func request(_ timeout: Duration, _ makeMessages: (_ ackID: UInt64) -> [EngineMessage]) -> EventLoopFuture<EventArguments> {
        eventLoop.assertInEventLoop()
        let promise = eventLoop.makePromise(of: EventArguments.self)
        guard transport != nil, closeReason == nil else {
            promise.fail(Self.closedError)
            return promise.futureResult
        }
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let id = acks.add(promise, deadline: deadline)
        eventLoop.scheduleTask(deadline: deadline) {
            for late in self.acks.expired(now: deadline) { late.fail(SocketIOClientError(.timeout, "no ack within \(timeout)")) }
        }
        send(makeMessages(id), promise: nil)
        return promise.futureResult
    }

    // MARK: The end

    /// Ends the connection with DISCONNECT and a close of the transport.
    func disconnect() {
        eventLoop.assertInEventLoop()
        transport?.send(OutgoingPacket.encoded([OutgoingPacket.disconnect(namespace: namespace)], for: parser), promise: nil)
        finish(.clientDisconnect)
        transport?.close()
    }

    /// Breaks the connection off, as a client that lost its network.
    func abort() {
        eventLoop.assertInEventLoop()
        finish(.clientDisconnect)
        transport?.abort()
    }

    /// Gives up before CONNECT has been answered.
    func giveUp(_ error: SocketIOClientError) {
        eventLoop.assertInEventLoop()
        connectedPromise.fail(error)
        abort()
    }

    private func finish(_ reason: SocketIOCloseReason) {
        _ = machine.ended()
        silence?.cancel()
        silence = nil
        let isFirst = ending.withLock { ending in
            defer { ending = ending ?? reason }
            return ending == nil
        }
        guard isFirst else { return }
        connectedPromise.fail(SocketIOClientError(.closed, reason.rawValue))
        for promise in acks.removeAll() { promise.fail(Self.closedError) }
        mailbox.finish()
    }

    private static let closedError = SocketIOClientError(.closed, "the connection has ended")

    // MARK: The transport

    func transportOpened(_ transport: any ClientTransport) {
        eventLoop.assertInEventLoop()
        self.transport = transport
        if closeReason != nil { transport.abort() }
    }

    func transport(_ transport: any ClientTransport, received packet: EnginePacket) {
        eventLoop.assertInEventLoop()
        switch machine.received(packet) {
        case .opened(let parameters, let connect):
            self.parameters = parameters
            expectPing()
            transport.send(OutgoingPacket.encoded([.text(connect)], for: parser), promise: nil)
        case .pong(let pong):
            expectPing()
            transport.send([.text(pong)], promise: nil)
        case .connected(let session):
            if let parameters { connectedPromise.succeed((parameters, session)) }
        case .refused(let error):
            connectedPromise.fail(error)
            finish(.serverDisconnect)
            transport.close()
        case .event(let event): mailbox.put(event, cost: event.byteCount)
        case .ack(let id, let arguments): acks.received(id)?.succeed(arguments)
        case .end(let reason):
            finish(reason)
            transport.close()
        case .nothing: break
        }
    }

    func transportClosed(_ transport: any ClientTransport, reason: SocketIOCloseReason) {
        eventLoop.assertInEventLoop()
        self.transport = nil
        finish(reason)
        closedPromise.succeed(closeReason ?? reason)
    }

    /// The transport could not be opened at all.
    func neverOpened() {
        eventLoop.assertInEventLoop()
        finish(.transportError)
        closedPromise.succeed(.transportError)
    }

    private func expectPing() {
        guard let parameters else { return }
        silence?.cancel()
        silence = eventLoop.scheduleTask(in: TimeAmount(parameters.pingInterval + parameters.pingTimeout)) {
            self.finish(.pingTimeout)
            self.transport?.abort()
        }
    }
}
