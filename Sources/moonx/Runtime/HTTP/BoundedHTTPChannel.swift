import AuthService
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Hummingbird's HTTP/1.1, with a bound on the time of everything that the other side may be slow with.
struct BoundedHTTPChannel: ServerChildChannel {
    private let base: HTTP1Channel
    private let limits: ListenerLimits
    private let timeouts: ListenerTimeouts

    init(responder: @escaping HTTPChannelHandler.Responder, limits: ListenerLimits, timeouts: ListenerTimeouts) {
        self.base = HTTP1Channel(responder: responder, configuration: .init(idleTimeout: limits.idle))
        self.limits = limits
        self.timeouts = timeouts
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { [limits, timeouts] value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(ExchangeDeadlines(limits: limits, timeouts: timeouts), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
