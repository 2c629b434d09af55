public import Logging
import NIOCore
public import RedisClient
public import SocketIO
public import SocketIOCore
import Synchronization

/// Speaks what the classic adapter of `@socket.io/redis-adapter` speaks (`createAdapter`), and hears `@socket.io/redis-emitter`.
///
/// Who listens to the channel of requests is counted by the other servers and has to answer, or they wait until their time is over: this one
/// answers every type there is.
///
/// Source: https://github.com/socketio/socket.io-redis-adapter/blob/main/lib/index.ts
public final class ClassicRedisDriver: ClusterDriver {
    private struct Pending {
        var forms: [String: ClassicCodec.ReplyForm] = [:]
        /// The ids in the order they came: the oldest goes when there are too many.
        var order: [String] = []
    }

    private let connection: DriverConnection
    private let prefix: String
    private let listeners = NamespaceListeners()
    private let pending = Mutex(Pending())

    /// A driver.
    ///
    /// - Parameters:
    ///   - client: Started, and used by one driver alone.
    ///   - prefix: What channels begin with: the reference's option `key`.
    ///   - logger: For what an operator has to know.
    public init(client: RedisClient, prefix: String = "socket.io", logger: Logger) {
        self.connection = DriverConnection(client, logger: logger)
        self.prefix = prefix
    }

    /// Messages that were not sent.
    public var unsentCount: Int { connection.unsentCount }

    private func broadcasts(_ namespace: String) -> String { "\(prefix)#\(namespace)#" }
    private func requests(_ namespace: String) -> String { "\(prefix)-request#\(namespace)#" }
    private func responses(_ namespace: String) -> String { "\(prefix)-response#\(namespace)#" }

    /// Listens.
    public func join(_ namespace: String, as server: String, _ receive: @escaping @Sendable (ClusterMessage) -> Void) {
        listeners.add(namespace, receive)
        let codec = ClassicCodec(namespace: namespace)
        for channel in [responses(namespace), "\(responses(namespace))\(server)#"] {
            connection.listen(channel, .channel) { message in
                if let message = codec.response(message.payload) { receive(message) }
            }
        }
        connection.listen(Self.escaped(broadcasts(namespace)) + "*", .pattern) { message in
            // An array: what is not one is another format's, whose channels have the same names.
            guard message.payload.readableBytesView.first.map({ (0x90...0x9F).contains($0) || $0 == 0xDC }) == true else { return }
            if let message = codec.broadcast(message.payload) { receive(message) }
        }
        // Last: who listens here is expected to answer.
        connection.listen(requests(namespace), .channel) { [weak self] message in
            guard let self, let request = codec.request(message.payload), request.message.sender != server else { return }
            remember(request)
            receive(request.message)
        }
    }

    /// A pattern that stands for the text itself.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "*?[]\\^".contains($1) ? "\\\($1)" : "\($1)" }
    }

    private static let maximumPending = 1_000

    private func remember(_ request: ClassicCodec.Request) {
        guard let id = request.requestID, request.form != .descriptions else { return }
        pending.withLock { pending in
            if pending.order.count >= Self.maximumPending { pending.forms[pending.order.removeFirst()] = nil }
            pending.forms[id] = request.form
            pending.order.append(id)
        }
    }

    private func form(_ requestID: String) -> ClassicCodec.ReplyForm {
        pending.withLock { pending in
            guard let form = pending.forms.removeValue(forKey: requestID) else { return .descriptions }
            pending.order.removeAll { $0 == requestID }
            return form
        }
    }

    /// Listens no more.
    public func leave(_ namespace: String, as server: String) {
        listeners.remove(namespace)
        for channel in [requests(namespace), responses(namespace), "\(responses(namespace))\(server)#"] {
            connection.stopListening(channel, .channel)
        }
        connection.stopListening(Self.escaped(broadcasts(namespace)) + "*", .pattern)
    }

    /// Sends to all servers: a broadcast to one room over the room's channel.
    public func publish(_ message: ClusterMessage) {
        let codec = ClassicCodec(namespace: message.namespace)
        if case .broadcast(let event, let options, nil) = message.body {
            let channel = broadcasts(message.namespace) + (options.rooms.count == 1 ? "\(options.rooms[0])#" : "")
            connection.publish(codec.broadcast(event, options, sender: message.sender), to: channel)
        } else if let request = codec.request(message) {
            connection.publish(request, to: requests(message.namespace))
        }
    }

    /// Answers on the channel that all servers listen to, as the reference does unless told otherwise.
    public func respond(_ message: ClusterMessage, to server: String) {
        var form = ClassicCodec.ReplyForm.descriptions
        if case .fetchSocketsResponse(let requestID, let sockets) = message.body {
            form = self.form(requestID)
            if case .done(let order) = form { sockets.forEach { carryOut(order, $0.id, message.namespace) } }
        }
        guard let answer = ClassicCodec(namespace: message.namespace).response(message.body, form) else { return }
        connection.publish(answer, to: responses(message.namespace))
    }

    private func carryOut(_ order: ClassicCodec.Order, _ id: String, _ namespace: String) {
        let options = ClusterOptions(rooms: [id])
        let body: ClusterMessage.Body =
            switch order {
            case .join(let room): .socketsJoin(options, rooms: [room])
            case .leave(let room): .socketsLeave(options, rooms: [room])
            case .disconnect(let close): .disconnectSockets(options, close: close)
            }
        listeners[namespace]?(ClusterMessage(sender: ClusterMessage.emitter, namespace: namespace, body: body))
    }

    /// How many servers listen to the channel of requests.
    public func serverCount(_ namespace: String) async throws -> Int? {
        try await connection.subscriberCount(requests(namespace), isSharded: false)
    }

    /// Yes.
    public var countsServers: Bool { true }
}
