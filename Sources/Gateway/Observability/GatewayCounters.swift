import GatewayDomain
import Synchronization

/// Counts what goes wrong. Not for anything that happens once per delivery: those are counted by each loop for itself.
final class GatewayCounters: Sendable {
    struct Values: Sendable {
        var errors: [ErrorCode: Int] = [:]
        var connected = 0
        var abuseDisconnects = 0
        var published = 0
        var malformedEnvelopes = 0
        /// What was refused because a limit was reached, by limit.
        var limits: [ClientLimit: Int] = [:]
        /// What became of messages and notifications.
        var mail: [MailCount: Int] = [:]
        /// What went wrong, or was made good, between nodes.
        var cluster: [ClusterCount: Int] = [:]
    }

    private let values = Mutex(Values())

    var current: Values { values.withLock { $0 } }

    func count(_ code: ErrorCode) { values.withLock { $0.errors[code, default: 0] += 1 } }
    func count(_ limit: ClientLimit) { values.withLock { $0.limits[limit, default: 0] += 1 } }
    func count(_ what: ClusterCount) { values.withLock { $0.cluster[what, default: 0] += 1 } }
    func countMail(_ what: MailCount, by number: Int = 1) {
        if number > 0 { values.withLock { $0.mail[what, default: 0] += number } }
    }
    func countAbuse() { values.withLock { $0.abuseDisconnects += 1 } }
    func countConnect() { values.withLock { $0.connected += 1 } }
    func countPublish(accepted: Int, malformed: Int) {
        values.withLock {
            $0.published += accepted
            $0.malformedEnvelopes += malformed
        }
    }
}
