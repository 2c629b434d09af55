import Logging
import NIOCore
import Synchronization

/// Says in the log, once a second at most, that envelopes were malformed.
final class MalformedLog: Sendable {
    private let logger: Logger
    private let throttle = Mutex(LogThrottle())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// So many were, of which one for this reason. From anywhere.
    func note(_ count: Int, last reason: String) {
        let now = Duration.nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds))
        guard let total = throttle.withLock({ $0.admit(count, now: now) }) else { return }
        logger.warning("malformed envelopes were refused", metadata: ["count": "\(total)", "last": "\(reason)"])
    }
}
