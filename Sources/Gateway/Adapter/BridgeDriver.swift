import SocketIO
import SocketIOCore

/// A driver of which only what ``BridgeRules`` admit comes through; the rest is counted.
final class BridgeDriver<Driver: ClusterDriver>: ClusterDriver {
    private let driver: Driver
    private let rules: BridgeRules
    private let counters: GatewayCounters

    init(_ driver: Driver, rules: BridgeRules, counters: GatewayCounters) {
        self.driver = driver
        self.rules = rules
        self.counters = counters
    }

    func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        driver.join(namespace, as: server) { [rules, counters] message in
            if rules.admits(message) { receive(message) } else { counters.count(.bridgeRefused) }
        }
    }

    func leave(_ namespace: String, as server: String) { driver.leave(namespace, as: server) }
    func publish(_ message: ClusterMessage) { driver.publish(message) }
    func respond(_ message: ClusterMessage, to server: String) { driver.respond(message, to: server) }
    func serverCount(_ namespace: String) async throws -> Int? { try await driver.serverCount(namespace) }
    var countsServers: Bool { driver.countsServers }
    var hasUncountedServers: Bool { driver.hasUncountedServers }
    var followsRooms: Bool { driver.followsRooms }
    func room(_ room: String, of namespace: String, hasMembers: Bool) { driver.room(room, of: namespace, hasMembers: hasMembers) }
}
