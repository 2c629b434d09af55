public import NIOCore
public import SocketIOCore

/// Carries what concerns the sockets of one namespace to them: those of this node, and those of others where there are any.
///
/// Asked once for each broadcast, never for a member: ``NamespaceLoop/emit(_:to:)`` and everything else that names a loop passes it by.
/// Methods may be called from anywhere. Options with ``BroadcastOptions/isLocal`` concern this node only.
public protocol Adapter: Sendable {
    /// Sends an event to the sockets that `options` choose.
    func broadcast(_ event: OutgoingEvent, _ options: BroadcastOptions)

    /// Sends an event and gathers what the clients answer within `timeout`, in no particular order.
    func broadcastWithAck(_ event: ClusterEvent, _ options: BroadcastOptions, timeout: Duration) async -> [EventArguments]

    /// Brings the sockets that `options` choose into rooms.
    func join(_ rooms: [String], _ options: BroadcastOptions)

    /// Takes the sockets that `options` choose out of rooms.
    func leave(_ rooms: [String], _ options: BroadcastOptions)

    /// Disconnects the sockets that `options` choose; with `close`, their connections too.
    func disconnect(_ options: BroadcastOptions, close: Bool)

    /// Describes the sockets that `options` choose.
    ///
    /// - Throws: ``ClusterError`` where other nodes do not answer.
    func sockets(_ options: BroadcastOptions) async throws -> [SocketDescription]

    /// Sends an event to the other servers: a JSON array, its name first.
    func serverSideEmit(_ array: ByteBuffer)

    /// Sends an event to the other servers and returns their answers, one JSON value each.
    ///
    /// - Throws: ``ClusterError``.
    func serverSideEmitWithAck(_ array: ByteBuffer) async throws -> [ByteBuffer]

    /// How many servers there are, this one included.
    ///
    /// - Throws: What a driver throws that has to ask.
    func serverCount() async throws -> Int

    /// Ends: other servers are told, requests under way end as they are. Sockets stay.
    func close()
}

/// Why other nodes did not answer.
public enum ClusterError: Error, Hashable, Sendable {
    /// The time is over; `missing` servers have not answered.
    case timedOut(missing: Int)
    /// More requests are under way than ``ClusterConfiguration/maxRequests``.
    case tooManyRequests
    /// The adapter has been closed.
    case closed
}
