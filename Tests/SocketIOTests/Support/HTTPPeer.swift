import NIOCore
import NIOPosix

/// A TCP connection for bytes that no client of ours would send.
struct HTTPPeer: Sendable {
    static let path = "/socket.io/?EIO=4&transport=polling"
    private let channel: any Channel
    private let received: NIOLoopBound<Received>

    static func open(port: Int) async throws -> Self {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Received()) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let received = try await channel.eventLoop.submit {
            NIOLoopBound(try channel.pipeline.syncOperations.handler(type: Received.self), eventLoop: channel.eventLoop)
        }.get()
        return Self(channel: channel, received: received)
    }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }
    func closeOutput() async { try? await channel.close(mode: .output) }
    func close() async { try? await channel.close() }

    /// Waits until the server has ended the connection.
    func end() async throws { _ = try await next { _, isEnded in isEnded ? "" : nil } }

    /// Posts `body` and returns the answer's body.
    func post(_ query: String, _ body: String) async throws -> String {
        try await exchange("POST \(Self.path)\(query) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Opens a polling session and returns its id.
    func openSession() async throws -> String {
        let open = try await exchange("GET \(Self.path) HTTP/1.1\r\nHost: x\r\n\r\n")
        return String(open.dropFirst(#"0{"sid":""#.count).prefix(20))
    }

    /// Sends a request and returns the body of its answer, which has a `content-length`.
    private func exchange(_ request: String) async throws -> String {
        try await send(ByteBuffer(string: request))
        return try await next { buffer, _ in
            let view = buffer.readableBytesView
            guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lengths = String(decoding: view[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "content-length: ")
            let length = lengths.last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
            guard view.endIndex - end.upperBound >= length else { return nil }
            buffer.moveReaderIndex(to: end.upperBound)
            return buffer.readString(length: length)
        }
    }

    private func next(_ parse: @escaping @Sendable (inout ByteBuffer, Bool) -> String?) async throws -> String {
        let eventLoop = channel.eventLoop
        let received = self.received
        return try await eventLoop.flatSubmit {
            let promise = eventLoop.makePromise(of: String.self)
            let overdue = eventLoop.scheduleTask(in: .seconds(20)) { promise.fail(ChannelError.connectTimeout(.seconds(20))) }
            promise.futureResult.whenComplete { _ in overdue.cancel() }
            received.value.wait { buffer, isEnded in
                if let found = parse(&buffer, isEnded) {
                    promise.succeed(found)
                    return true
                }
                if isEnded { promise.fail(ChannelError.eof) }
                return isEnded
            }
            return promise.futureResult
        }.get()
    }

    private final class Received: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var buffer = ByteBuffer()
        private var isEnded = false
        private var waiting: ((inout ByteBuffer, Bool) -> Bool)?

        func wait(_ isDone: @escaping (inout ByteBuffer, Bool) -> Bool) {
            waiting = isDone
            look()
        }

        private func look() { if let isDone = waiting, isDone(&buffer, isEnded) { waiting = nil } }

        private func end() {
            isEnded = true
            look()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            buffer.writeImmutableBuffer(unwrapInboundIn(data))
            look()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { end() }
        }

        func channelInactive(context: ChannelHandlerContext) { end() }

        /// A reset is an end like another.
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            end()
            context.close(promise: nil)
        }
    }
}
