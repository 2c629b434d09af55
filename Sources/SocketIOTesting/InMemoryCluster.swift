import NIOCore
public import SocketIO
public import SocketIOCore
import Synchronization

/// Joins servers of one process into a cluster, without a broker: for tests.
///
/// ```swift
/// let cluster = InMemoryCluster()
/// let server = SocketIOServer(…, adapter: { ClusterAdapter($0, driver: cluster) }, …)
/// ```
///
/// Messages go through their JSON form wherever they have one, as over a wire, and arrive before the sender's call returns.
public final class InMemoryCluster: ClusterDriver {
    private struct Listener {
        let namespace: String
        let server: String
        let receive: @Sendable (ClusterMessage) -> Void
    }

    private struct State {
        var listeners: [Listener] = []
        var silent: Set<String> = []
        var sent: [ClusterMessage] = []
    }

    private let state = Mutex(State())
    /// Whether the cluster tells how many servers there are, as Redis does; otherwise they send heartbeats.
    public let countsServers: Bool
    private let keepsMessages: Bool

    /// A cluster of no servers yet.
    ///
    /// - Parameters:
    ///   - countsServers: As ``countsServers``.
    ///   - keepsMessages: Whether ``messages`` are kept, without a bound.
    public init(countsServers: Bool = false, keepsMessages: Bool = true) {
        self.countsServers = countsServers
        self.keepsMessages = keepsMessages
    }

    /// What has been sent, in order.
    public var messages: [ClusterMessage] { state.withLock { $0.sent } }

    /// The servers that listen to a namespace.
    public func servers(_ namespace: String = "/") -> [String] {
        state.withLock { state in state.listeners.filter { $0.namespace == namespace }.map(\.server) }
    }

    /// Cuts servers off: what they send and what is sent to them is lost, as in a network that is split.
    public func cutOff(_ servers: Set<String>) {
        state.withLock { $0.silent = servers }
    }

    /// Adds a listener.
    public func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        state.withLock { $0.listeners.append(Listener(namespace: namespace, server: server, receive: receive)) }
    }

    /// Takes a listener out.
    public func leave(_ namespace: String, as server: String) {
        state.withLock { $0.listeners.removeAll { $0.namespace == namespace && $0.server == server } }
    }

    /// Sends to all listeners of the namespace, as if from any sender.
    public func publish(_ message: ClusterMessage) {
        deliver(message) { $0.server != message.sender }
    }

    /// Sends to one.
    public func respond(_ message: ClusterMessage, to server: String) {
        deliver(message) { $0.server == server }
    }

    /// How many listen.
    public func serverCount(_ namespace: String) async throws -> Int? {
        countsServers ? servers(namespace).count : nil
    }

    private func deliver(_ message: ClusterMessage, _ isMeant: (Listener) -> Bool) {
        let listeners = state.withLock { state in
            if keepsMessages { state.sent.append(message) }
            guard !state.silent.contains(message.sender) else { return [Listener]() }
            return state.listeners.filter { $0.namespace == message.namespace && !state.silent.contains($0.server) && isMeant($0) }
        }
        let received = Self.overTheWire(message)
        for listener in listeners { listener.receive(received) }
    }

    private static func overTheWire(_ message: ClusterMessage) -> ClusterMessage {
        var buffer = ByteBuffer()
        guard (try? message.writeJSON(into: &buffer)) != nil, let decoded = try? ClusterMessage(json: buffer) else { return message }
        return decoded
    }
}
