public import NIOCore
public import SocketIOCore

/// Chooses whom a broadcast reaches, and sends it: `server.of("/").to("news").except(socket.id).emit(…)`.
///
/// A value that costs nothing to keep. Everything may be called from anywhere.
public struct BroadcastOperator: Sendable {
    private let adapter: any Adapter
    private let namespace: String
    private var options = BroadcastOptions()
    private var isCompressed = true

    init(_ adapter: any Adapter, namespace: String) {
        self.adapter = adapter
        self.namespace = namespace
    }

    // MARK: Whom

    /// Adds members of `room`. A socket's id stands for that socket.
    public func to(_ room: String) -> Self { changed { $0.rooms.insert(room) } }

    /// Adds members of any of `rooms`; who is in several gets the event once.
    public func to(_ rooms: some Sequence<String>) -> Self { changed { $0.rooms.formUnion(rooms) } }

    /// Leaves out members of `room`.
    public func except(_ room: String) -> Self { changed { $0.except.insert(room) } }

    /// Leaves out members of any of `rooms`.
    public func except(_ rooms: some Sequence<String>) -> Self { changed { $0.except.formUnion(rooms) } }

    /// Lets clients that cannot take the event at once go without it.
    public var volatile: Self { changed { $0.isVolatile = true } }

    /// Means sockets of this node only, where there are several.
    public var local: Self { changed { $0.isLocal = true } }

    /// Whether the event may be compressed on its way, where that has been agreed on with a client; so it is unless told otherwise.
    public func compress(_ isCompressed: Bool) -> Self {
        var copy = self
        copy.isCompressed = isCompressed
        return copy
    }

    private func changed(_ change: (inout BroadcastOptions) -> Void) -> Self {
        var copy = self
        change(&copy.options)
        return copy
    }

    // MARK: Events

    /// Sends the event; returns before it is out.
    ///
    /// Where the server recovers connection state, the event is kept for clients that are away, unless it is volatile or not
    /// ``OutgoingEvent/isRecoverable``.
    public func emit(_ event: OutgoingEvent) {
        let event = event.addressed(to: namespace)
        adapter.broadcast(isCompressed ? event : event.uncompressed, options)
    }

    /// Sends an event with one argument.
    ///
    /// - Throws: What `JSONEncoder` throws.
    public func emit(_ name: String, _ argument: some Encodable) throws {
        emit(try OutgoingEvent(name, argument, namespace: namespace))
    }

    /// Sends an event with one argument of JSON text.
    public func emit(_ name: String, json argument: String) {
        emit(OutgoingEvent(name, json: argument, namespace: namespace))
    }

    /// Sends an event and gathers the answers of all clients that it reaches, in no particular order. Clients that do not answer within
    /// `timeout` are missing from the result; of what clients of other nodes answer, the first argument comes.
    public func emitWithAck(_ name: String, json arguments: ByteBuffer, timeout: Duration) async -> [EventArguments] {
        await adapter.broadcastWithAck(ClusterEvent(name, arguments: arguments), options, timeout: timeout)
    }

    // MARK: Sockets

    /// Brings the chosen sockets into rooms.
    public func socketsJoin(_ rooms: String...) { adapter.join(rooms, options) }

    /// Takes the chosen sockets out of rooms.
    public func socketsLeave(_ rooms: String...) { adapter.leave(rooms, options) }

    /// Disconnects the chosen sockets; with `close`, their whole connections.
    public func disconnectSockets(close: Bool = false) { adapter.disconnect(options, close: close) }

    /// What the chosen sockets are at the moment.
    ///
    /// - Throws: ``ClusterError`` where other nodes do not answer; never on a server that is alone.
    public func fetchSockets() async throws -> [SocketDescription] { try await adapter.sockets(options) }

    // MARK: Servers

    /// Sends an event to the other servers of the cluster, whose ``NamespaceDefinition/onServerSide(_:_:)`` handles it.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - arguments: JSON text: values joined by commas, or nothing.
    public func serverSideEmit(_ name: String, json arguments: String = "") {
        adapter.serverSideEmit(ClusterEvent(name, arguments: ByteBuffer(string: arguments)).array)
    }

    /// Sends an event to the other servers of the cluster and returns the answer of each, one JSON value.
    ///
    /// - Throws: ``ClusterError``.
    public func serverSideEmitWithAck(_ name: String, json arguments: String = "") async throws -> [ByteBuffer] {
        try await adapter.serverSideEmitWithAck(ClusterEvent(name, arguments: ByteBuffer(string: arguments)).array)
    }

    /// How many servers there are, this one included.
    public func serverCount() async throws -> Int { try await adapter.serverCount() }
}
