public import NIOCore
public import NIOHTTP1
public import NIOPosix
public import NIOWebSocket

/// A WebSocket without a protocol above it: for tests that say on the wire what a well-behaved client would not.
///
/// Nothing is answered by itself, not even a ping or a close. Waiting messages are bounded: from ``maximumWaiting`` on the socket is not
/// read, so the server is held up as by any slow client. All methods may be called from any task.
public final class RawWebSocket: Sendable {
    /// This many messages wait before reading stops; one read's worth may come on top.
    public static let maximumWaiting = 256

    private let channel: any Channel
    private let handler: NIOLoopBound<RawFrameHandler>
    private let mailbox: Mailbox<WebSocketMessage>

    private init(channel: any Channel, handler: NIOLoopBound<RawFrameHandler>, mailbox: Mailbox<WebSocketMessage>) {
        self.channel = channel
        self.handler = handler
        self.mailbox = mailbox
    }

    /// Opens a WebSocket at exactly this URL, path and query included.
    ///
    /// - Parameters:
    ///   - url: Such as `ws://127.0.0.1:3011/socket.io/?EIO=4&transport=websocket`.
    ///   - headers: Sent beside those of the handshake.
    ///   - maxMessageBytes: The largest message accepted.
    ///   - timeout: How long connecting may take.
    ///   - certificateAuthorityFile: As ``SocketIOClientOptions/certificateAuthorityFile``.
    ///   - receiveBufferBytes: How much the kernel takes in while nobody reads (`SO_RCVBUF`); `nil` leaves it to the kernel.
    ///   - group: One of its loops serves the connection.
    /// - Throws: ``SocketIOClientError``, of code `refused` where the answer is not 101; what the system says where nobody listens.
    public static func connect(
        url: String,
        headers: HTTPHeaders = [:],
        maxMessageBytes: Int = 16 << 20,
        timeout: Duration = .seconds(10),
        certificateAuthorityFile: String? = nil,
        receiveBufferBytes: Int? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RawWebSocket {
        let eventLoop = group.next()
        // Reading stops long before this bound.
        let mailbox = Mailbox<WebSocketMessage>(maximumCount: .max, maximumCost: .max)
        let server = try ServerURL(url)
        let dialer = WebSocketDialer(
            url: server,
            headers: headers,
            eventLoop: eventLoop,
            timeout: timeout,
            maxFrameBytes: maxMessageBytes,
            tls: try ClientTLS(server, authorityFile: certificateAuthorityFile),
            receiveBufferBytes: receiveBufferBytes
        )
        let channel = try await dialer.open { RawFrameHandler(mailbox: mailbox, maxMessageBytes: maxMessageBytes) }
        let handler = try await eventLoop.submit {
            NIOLoopBound(try channel.pipeline.syncOperations.handler(type: RawFrameHandler.self), eventLoop: eventLoop)
        }.get()
        return RawWebSocket(channel: channel, handler: handler, mailbox: mailbox)
    }

    // MARK: Receiving

    /// The next message; `nil` once the connection has ended and everything has been taken.
    ///
    /// - Throws: ``SocketIOClientError`` of code `timeout`; `CancellationError`.
    public func receive(within timeout: Duration = .seconds(5)) async throws -> WebSocketMessage? {
        let message = try await mailbox.next(within: (timeout, channel.eventLoop))
        if mailbox.count < Self.maximumWaiting / 2 {
            channel.eventLoop.execute { self.handler.value.resume() }
        }
        return message
    }

    /// The text of the next message.
    ///
    /// - Throws: As ``receive(within:)``, and where the connection has ended or something other than text comes.
    public func receiveText(within timeout: Duration = .seconds(5)) async throws -> String {
        guard let message = try await receive(within: timeout) else { throw SocketIOClientError(.closed, "the connection has ended") }
        guard let text = message.string else { throw SocketIOClientError(.protocolViolation, "not a text: \(message)") }
        return text
    }

    /// Stops or resumes reading from the socket, to play a slow client.
    public func setReading(_ isReading: Bool) async throws {
        try await channel.eventLoop.submit { self.handler.value.setReading(isReading) }.get()
    }

    // MARK: Sending

    /// Sends a text message in one masked frame; returns when the kernel has it.
    public func send(text: String) async throws {
        try await send(opcode: .text, payload: ByteBuffer(string: text))
    }

    /// Sends a binary message in one masked frame.
    public func send(binary: ByteBuffer) async throws {
        try await send(opcode: .binary, payload: binary)
    }

    /// Sends one frame of any kind, masked unless asked otherwise.
    public func send(opcode: WebSocketOpcode, payload: ByteBuffer = ByteBuffer(), isLast: Bool = true, isMasked: Bool = true) async throws {
        let frame = WebSocketFrame(fin: isLast, opcode: opcode, maskKey: isMasked ? .random() : nil, data: payload)
        try await channel.writeAndFlush(frame)
    }

    /// Sends a close frame; the connection ends when the server closes it, or by ``abort()``.
    public func sendClose(code: UInt16? = nil) async throws {
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        try await send(opcode: .connectionClose, payload: payload)
    }

    /// Sends bytes past all framing.
    public func send(bytes: ByteBuffer) async throws {
        try await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            do {
                let encoder = try self.channel.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
                let promise = self.channel.eventLoop.makePromise(of: Void.self)
                encoder.writeAndFlush(NIOAny(bytes), promise: promise)
                return promise.futureResult
            } catch {
                return self.channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }

    // MARK: The end

    /// Closes the TCP connection without a close frame.
    public func abort() async {
        try? await channel.close()
    }

    /// Waits until the connection has ended.
    public func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }
}
