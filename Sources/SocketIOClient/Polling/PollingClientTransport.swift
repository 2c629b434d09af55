import EngineIOCore
import NIOCore
import NIOHTTP1

/// Packets over HTTP long-polling: one connection on which a GET waits, one for POSTs. Confined to its event loop.
final class PollingClientTransport: ClientTransport {
    private struct Waiting {
        let messages: [EngineMessage]
        let promise: EventLoopPromise<Void>?

        /// What it takes in a body, base64 and separators included.
        var byteCount: Int {
            messages.reduce(0) { sum, message in
                switch message {
                case .text(let bytes): sum + bytes.readableBytes + 1
                case .binary(let bytes): sum + (bytes.readableBytes + 2) / 3 * 4 + 2
                }
            }
        }
    }

    private enum State {
        case open
        /// The goodbye is on its way.
        case closing
        case closed
    }

    private let endpoint: EngineEndpoint
    private let delegate: any ClientTransportDelegate
    private let eventLoop: any EventLoop
    private let getter: HTTPRequester
    private let poster: HTTPRequester
    private var sid: String?
    private var maxPayload = 1_000_000
    private var state = State.open
    private var outbox: CircularBuffer<Waiting> = []
    private var isPosting = false

    init(endpoint: EngineEndpoint, delegate: any ClientTransportDelegate, eventLoop: any EventLoop) {
        self.endpoint = endpoint
        self.delegate = delegate
        self.eventLoop = eventLoop
        let make = {
            HTTPRequester(
                server: endpoint.server,
                eventLoop: eventLoop,
                timeout: endpoint.options.connectTimeout,
                maximumBody: endpoint.options.maxMessageBytes,
                tls: endpoint.tls
            )
        }
        self.getter = make()
        self.poster = make()
    }

    /// Opens the session; done when the server has answered, and polling by then.
    func open() -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let limit = TimeAmount(endpoint.options.connectTimeout)
        let overdue = eventLoop.assumeIsolated().scheduleTask(in: limit) { bound.value.getter.close() }
        return getter.send(.GET, endpoint.target(.polling), endpoint.options.headers).flatMapThrowing { answer in
            overdue.cancel()
            let transport = bound.value
            guard answer.head.status == .ok else {
                let text = answer.body.map { String(buffer: $0) } ?? ""
                let status = Int(answer.head.status.code)
                throw SocketIOClientError(.refused, "HTTP \(status): \(text)", status: status)
            }
            let packets = try PollingPayload.decode(answer.body ?? ByteBuffer())
            guard case .open(let json)? = packets.first, let parameters = EngineParameters(json) else {
                throw SocketIOClientError(.protocolViolation, "the first packet is no open packet")
            }
            transport.sid = parameters.sid
            transport.maxPayload = parameters.maxPayload ?? transport.maxPayload
            transport.delegate.transportOpened(transport)
            transport.deliver(packets)
            transport.poll()
        }
    }

    // MARK: Receiving

    private func poll() {
        guard state == .open else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        getter.send(.GET, endpoint.target(.polling, sid: sid), endpoint.options.headers).assumeIsolated().whenComplete { result in
            let transport = bound.value
            guard transport.state == .open else { return }
            guard case .success(let answer) = result, answer.head.status == .ok else { return transport.end(.transportError) }
            do {
                transport.deliver(try PollingPayload.decode(answer.body ?? ByteBuffer()))
            } catch {
                return transport.end(.parseError)
            }
            transport.poll()
        }
    }

    private func deliver(_ packets: [EnginePacket]) {
        for packet in packets where state == .open { delegate.transport(self, received: packet) }
    }

    // MARK: Sending

    func send(_ messages: [EngineMessage], promise: EventLoopPromise<Void>?) {
        guard state == .open else {
            promise?.fail(SocketIOClientError(.closed, "the connection has ended"))
            return
        }
        outbox.append(Waiting(messages: messages, promise: promise))
        post()
    }

    private func post() {
        guard !isPosting, state != .closed else { return }
        guard !outbox.isEmpty else {
            if state == .closing { end(.transportClose) }
            return
        }
        var body = ByteBuffer()
        var promises: [EventLoopPromise<Void>] = []
        var bytes = 0
        // As many as the server takes in one body, but at least one.
        while let first = outbox.first, body.readableBytes == 0 || bytes + first.byteCount <= maxPayload {
            outbox.removeFirst()
            bytes += first.byteCount
            if let promise = first.promise { promises.append(promise) }
            for message in first.messages {
                switch message {
                case .text(let text): PollingPayload.append(text: text, to: &body)
                case .binary(let binary): PollingPayload.append(binary: binary, to: &body)
                }
            }
        }
        isPosting = true
        var headers = endpoint.options.headers
        headers.replaceOrAdd(name: "Content-Type", value: "text/plain;charset=UTF-8")
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        poster.send(.POST, endpoint.target(.polling, sid: sid), headers, body).assumeIsolated().whenComplete { result in
            let transport = bound.value
            transport.isPosting = false
            guard case .success(let answer) = result, answer.head.status == .ok else {
                for promise in promises { promise.fail(SocketIOClientError(.closed, "the server did not take the packets")) }
                return transport.end(.transportError)
            }
            for promise in promises { promise.succeed() }
            transport.post()
        }
    }

    // MARK: The end

    func close() {
        guard state == .open else { return }
        send([.text(ByteBuffer(string: "1"))], promise: nil)
        state = .closing
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.assumeIsolated().scheduleTask(in: .seconds(3)) { bound.value.abort() }
    }

    func abort() {
        end(.transportClose)
    }

    private func end(_ reason: SocketIOCloseReason) {
        guard state != .closed else { return }
        state = .closed
        getter.close()
        poster.close()
        for waiting in outbox { waiting.promise?.fail(SocketIOClientError(.closed, "the connection has ended")) }
        outbox = []
        delegate.transportClosed(self, reason: reason)
    }
}
