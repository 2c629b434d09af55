public import Logging
import NIOCore
public import RedisClient
public import SocketIO
public import SocketIOCore
import Synchronization

/// Speaks what the `RedisManager` of python-socketio speaks, write-only managers too: emits, rooms, disconnects and callbacks are shared.
///
/// Their format has no word for describing sockets, for events between servers and for who is there: those go between our own servers over
/// the same channel, under a method that the others ignore. Theirs takes a socket's id where ours takes any room. Their servers are not
/// counted: a broadcast of ours that asks for answers waits for theirs until its time is over.
///
/// Source: https://github.com/miguelgrinberg/python-socketio/blob/main/src/socketio/pubsub_manager.py
public final class PythonRedisDriver: ClusterDriver {
    private struct Callbacks {
        var byRequest: [String: PythonCodec.Callback] = [:]
        var order: [String] = []
        var last = 0
    }

    private let connection: DriverConnection
    private let channel: String
    private let host: String
    private let listeners = NamespaceListeners()
    private let servers = Mutex<[String: String]>([:])
    private let callbacks = Mutex(Callbacks())

    /// A driver.
    ///
    /// - Parameters:
    ///   - client: Started, and used by one driver alone.
    ///   - channel: As the managers have it.
    ///   - logger: For what an operator has to know.
    public init(client: RedisClient, channel: String = "socketio", logger: Logger) {
        self.connection = DriverConnection(client, logger: logger)
        self.channel = channel
        self.host = String(UInt64.random(in: 0...UInt64.max), radix: 16) + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    }

    /// Theirs are.
    public var hasUncountedServers: Bool { true }

    /// Messages that were not sent.
    public var unsentCount: Int { connection.unsentCount }

    /// Listens; the channel is one for all namespaces.
    public func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        listeners.add(namespace, receive)
        let isFirst = servers.withLock { servers in
            servers[namespace] = server
            return servers.count == 1
        }
        if isFirst { connection.listen(channel, .channel) { [weak self] in self?.received($0.payload) } }
    }

    /// Listens no more.
    public func leave(_ namespace: String, as server: String) {
        listeners.remove(namespace)
        let isLast = servers.withLock { servers in
            servers[namespace] = nil
            return servers.isEmpty
        }
        if isLast { connection.stopListening(channel, .channel) }
    }

    private func received(_ payload: ByteBuffer) {
        guard let incoming = PythonCodec.read(payload, requestID: makeRequestID) else { return }
        switch incoming {
        case .cluster(let message, let server):
            if let server, server != servers.withLock({ $0[message.namespace] }) { return }
            listeners[message.namespace]?(message)
        case .messages(let messages):
            for message in messages {
                // Answers are for the host they name; all else is for all but who sent it.
                let isAnswer =
                    if case .broadcastAck = message.body { true } else if case .broadcastClientCount = message.body { true } else { false }
                guard isAnswer == (message.sender == host) else { continue }
                listeners[message.namespace]?(Self.foreign(message))
            }
        case .question(let message, let callback):
            guard message.sender != host, case .broadcast(_, _, let requestID?) = message.body else { return }
            remember(callback, requestID)
            listeners[message.namespace]?(Self.foreign(message))
        }
    }

    /// Their hosts send no heartbeats: they are not counted among the servers.
    private static func foreign(_ message: ClusterMessage) -> ClusterMessage {
        ClusterMessage(sender: ClusterMessage.emitter, namespace: message.namespace, body: message.body)
    }

    private static let maximumCallbacks = 1_000

    private func makeRequestID() -> String {
        callbacks.withLock { callbacks in
            callbacks.last += 1
            return "\(PythonCodec.method)-\(callbacks.last)"
        }
    }

    private func remember(_ callback: PythonCodec.Callback, _ requestID: String) {
        callbacks.withLock { callbacks in
            if callbacks.order.count >= Self.maximumCallbacks { callbacks.byRequest[callbacks.order.removeFirst()] = nil }
            callbacks.byRequest[requestID] = callback
            callbacks.order.append(requestID)
        }
    }

    /// Sends to all servers.
    public func publish(_ message: ClusterMessage) {
        for payload in PythonCodec.write(message, host: host) { connection.publish(payload, to: channel) }
    }

    /// Sends to one server; the answer of a client to who asked for it.
    public func respond(_ message: ClusterMessage, to server: String) {
        switch message.body {
        case .broadcastAck(let requestID, let answer, _):
            if let callback = callbacks.withLock({ $0.byRequest[requestID] }) {
                return connection.publish(PythonCodec.answer(callback, answer), to: channel)
            }
        case .broadcastClientCount(let requestID, _):
            if callbacks.withLock({ $0.byRequest[requestID] }) != nil { return }
        default: break
        }
        connection.publish(PythonCodec.cluster(message, host: host, to: server), to: channel)
    }
}
