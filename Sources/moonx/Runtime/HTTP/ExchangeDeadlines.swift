import AuthService
import NIOCore
import NIOHTTP1

/// Closes a connection whose request does not come whole in time, or whose answer is not made, or not taken, in time. Hummingbird's own idle
/// time-out begins anew with each part of a body, and does not look at a connection that waits for an answer.
///
/// Confined to the channel's event loop.
final class ExchangeDeadlines: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ListenerLimits
    private let timeouts: ListenerTimeouts
    /// Requests whose head has come, and whose answer has not been written to its end.
    private var unanswered = 0
    private var reading: Scheduled<Void>?
    private var answering: Scheduled<Void>?

    init(limits: ListenerLimits, timeouts: ListenerTimeouts) {
        self.limits = limits
        self.timeouts = timeouts
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            reading?.cancel()
            reading = Self.close(context.channel, after: limits.request) { [timeouts] in timeouts.requestTimedOut() }
            if unanswered == 0 { answering = answerDeadline(context.channel) }
            unanswered += 1
        case .body: break
        case .end:
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            answering?.cancel()
            // What cannot be parsed is answered too, and is no request.
            unanswered = max(0, unanswered - 1)
            answering = unanswered > 0 ? answerDeadline(context.channel) : nil
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        reading?.cancel()
        answering?.cancel()
    }

    private func answerDeadline(_ channel: any Channel) -> Scheduled<Void> {
        Self.close(channel, after: limits.answer) { [timeouts] in timeouts.answerTimedOut() }
    }

    private static func close(_ channel: any Channel, after time: TimeAmount, count: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) {
            count()
            channel.close(promise: nil)
        }
    }
}
