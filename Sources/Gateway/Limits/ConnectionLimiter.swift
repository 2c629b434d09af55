import GatewayDomain
import Synchronization

/// Counts connections of the node, of each user and of each address. Used at connecting and disconnecting only, never for a message.
final class ConnectionLimiter: Sendable {
    private struct Counts {
        var total = 0
        var byUser: [UserID: Int] = [:]
        var byAddress: [String: Int] = [:]
    }

    private let limits: GatewayLimits
    private let counters: GatewayCounters
    private let counts = Mutex(Counts())

    init(limits: GatewayLimits, counters: GatewayCounters) {
        self.limits = limits
        self.counters = counters
    }

    /// How many connections are counted.
    var total: Int { counts.withLock { $0.total } }

    /// Counts one connection until the lease is gone.
    func acquire(userID: UserID?, address: String) throws(GatewayError) -> ConnectionLease {
        let refusal: (limit: ClientLimit, message: String)? = counts.withLock { counts in
            if counts.total >= limits.connectionsPerNode { return (.nodeConnections, "this node has as many connections as it takes") }
            if let userID, counts.byUser[userID, default: 0] >= limits.connectionsPerUser {
                return (.userConnections, "this user has \(limits.connectionsPerUser) connections already")
            }
            if counts.byAddress[address, default: 0] >= limits.connectionsPerAddress {
                return (.addressConnections, "this address has \(limits.connectionsPerAddress) connections already")
            }
            counts.total += 1
            if let userID { counts.byUser[userID, default: 0] += 1 }
            counts.byAddress[address, default: 0] += 1
            return nil
        }
        if let refusal {
            counters.count(refusal.limit)
            throw GatewayError(.connectionLimit, refusal.message, retryAfter: 5)
        }
        return ConnectionLease(limiter: self, userID: userID, address: address)
    }

    fileprivate func release(userID: UserID?, address: String) {
        counts.withLock { counts in
            counts.total -= 1
            if let userID { counts.byUser.decrement(userID) }
            counts.byAddress.decrement(address)
        }
    }
}

/// One counted connection; it is given back when nobody holds the lease any more, whichever way the connection ended.
final class ConnectionLease: Sendable {
    private let limiter: ConnectionLimiter
    private let userID: UserID?
    private let address: String

    fileprivate init(limiter: ConnectionLimiter, userID: UserID?, address: String) {
        self.limiter = limiter
        self.userID = userID
        self.address = address
    }

    deinit {
        limiter.release(userID: userID, address: address)
    }
}

extension Dictionary where Value == Int {
    fileprivate mutating func decrement(_ key: Key) {
        guard let value = self[key] else { return }
        self[key] = value > 1 ? value - 1 : nil
    }
}
