package import NIOCore
import NIOPosix

/// What a test waited for has not come.
package struct WaitError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// A TCP connection that speaks bytes: nothing is interpreted but what a test asks for.
///
/// One that no test holds any more stays open until the other side ends it.
package struct RawConnection: Sendable {
    package static let patience = TimeAmount.seconds(20)

    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>
    private let hold: Hold

    package static func open(_ address: SocketAddress) async throws -> Self {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Inbox()) }
            }
            .connect(to: address)
            .get()
        let inbox = try await channel.eventLoop.submit {
            NIOLoopBound(try channel.pipeline.syncOperations.handler(type: Inbox.self), eventLoop: channel.eventLoop)
        }.get()
        return Self(channel: channel, inbox: inbox, hold: Hold(inbox: inbox))
    }

    package func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }
    package func send(_ text: String) async throws { try await send(ByteBuffer(string: text)) }
    package func closeOutput() async { try? await channel.close(mode: .output) }
    package func close() async { try? await channel.close() }
    package func startReading() async throws { try await channel.setOption(.autoRead, value: true).get() }
    package func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    /// Waits until `parse` finds something at the front of what has come; it gets told when nothing more comes.
    package func next<Value: Sendable>(
        _ what: String,
        _ parse: @escaping @Sendable (inout ByteBuffer, _ isEnded: Bool) throws -> Value?
    ) async throws -> Value {
        let eventLoop = channel.eventLoop
        let inbox = inbox
        return try await eventLoop.flatSubmit {
            let promise = eventLoop.makePromise(of: Value.self)
            let timeout = eventLoop.scheduleTask(in: Self.patience) { promise.fail(WaitError(description: "\(what) has not come")) }
            promise.futureResult.whenComplete { _ in timeout.cancel() }
            inbox.value.wait { buffer, isEnded in
                do {
                    guard let value = try parse(&buffer, isEnded) else {
                        if isEnded { promise.fail(WaitError(description: "the connection ended before \(what) came")) }
                        return isEnded
                    }
                    promise.succeed(value)
                } catch {
                    promise.fail(error)
                }
                return true
            }
            return promise.futureResult
        }.get()
    }

    /// Waits for the end of the connection and returns what came before it.
    @discardableResult
    package func end() async throws -> ByteBuffer {
        try await next("the end") { buffer, isEnded in
            guard isEnded else { return nil }
            defer { buffer.clear() }
            return buffer
        }
    }
}

/// Shared by all copies of a connection: the end of the last is the end of the interest in it.
private final class Hold: Sendable {
    private let inbox: NIOLoopBound<Inbox>

    init(inbox: NIOLoopBound<Inbox>) { self.inbox = inbox }

    deinit {
        let inbox = inbox
        inbox.eventLoop.execute { inbox.value.abandon() }
    }
}

private final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?
    private var buffer = ByteBuffer()
    private var isEnded = false
    private var isAbandoned = false
    private var waiting: ((inout ByteBuffer, Bool) -> Bool)?

    func wait(_ isDone: @escaping (inout ByteBuffer, Bool) -> Bool) {
        precondition(waiting == nil, "one wait at a time")
        waiting = isDone
        look()
    }

    /// Without this half a connection would be left of each that the server has ended: more than a thousand descriptors in a run of all
    /// tests, with which Foundation's `Process` reads behind the end of its memory
    /// (https://github.com/swiftlang/swift-corelibs-foundation/pull/5472).
    func abandon() {
        isAbandoned = true
        if isEnded { context?.close(promise: nil) }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    private func look() {
        if let isDone = waiting, isDone(&buffer, isEnded) { waiting = nil }
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

    private func end() {
        isEnded = true
        look()
        if isAbandoned { context?.close(promise: nil) }
    }
}
