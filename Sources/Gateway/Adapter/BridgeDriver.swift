import SocketIO
import SocketIOCore

/// A driver of which only what ``BridgeRules`` admit comes through; the rest is counted. Refused questions are answered as by a server that
/// has none of the clients: who asks counts this one, and would wait for its answer until the time is over.
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
        driver.join(namespace, as: server) { [weak self, rules, counters] message in
            if rules.admits(message) { return receive(message) }
            counters.count(.bridgeRefused)
            self?.answer(message, as: server)
        }
    }

    private func answer(_ message: ClusterMessage, as server: String) {
        // The driver may hand over what this server itself has sent.
        guard message.sender != server else { return }
        let body: ClusterMessage.Body
        switch message.body {
        case .fetchSockets(_, let requestID): body = .fetchSocketsResponse(requestID: requestID, sockets: [])
        case .broadcast(_, _, let requestID?): body = .broadcastClientCount(requestID: requestID, count: 0)
        default: return
        }
        driver.respond(ClusterMessage(sender: server, namespace: message.namespace, body: body), to: message.sender)
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
