public import NIOCore
public import SocketIOCore

/// The adapter of a server that is alone: the sockets of this node, on its event loops.
public struct LocalAdapter: Adapter {
    let loops: [NamespaceLoop]

    init(loops: [NamespaceLoop]) {
        self.loops = loops
    }

    /// The namespace's name.
    public var namespace: String { loops.first?.name ?? "/" }

    /// The loop on which timers and server-side events of the namespace run.
    public var eventLoop: (any EventLoop)? { loops.first?.eventLoop }

    /// Sends the event on every event loop, where connection state is recovered by way of the log.
    public func broadcast(_ event: OutgoingEvent, _ options: BroadcastOptions) {
        if let recovery = loops.first?.recovery {
            recovery.publish(event, options, on: loops)
        } else {
            onLoops { $0.emit(event, options: options) }
        }
    }

    /// Sends the event to each socket with an ack id of its own.
    public func broadcastWithAck(_ event: ClusterEvent, _ options: BroadcastOptions, timeout: Duration) async -> [EventArguments] {
        let (_, answers) = await request(event, options, timeout: timeout)
        return await answers.reduce(into: []) { $0.append($1) }
    }

    /// Sends the event with ack ids; how many clients got it, and their answers as they come. Ends when all have answered or cannot.
    func request(
        _ event: ClusterEvent,
        _ options: BroadcastOptions,
        timeout: Duration
    ) async -> (count: Int, answers: AsyncStream<EventArguments>) {
        let sockets: [Socket] = await gather { $0.sockets(options) }
        let answers = AsyncStream<EventArguments> { continuation in
            Task {
                await withTaskGroup { group in
                    for socket in sockets {
                        group.addTask {
                            if let answer = try? await socket.request(event, timeout: timeout) { continuation.yield(answer) }
                        }
                    }
                }
                continuation.finish()
            }
        }
        return (sockets.count, answers)
    }

    /// Brings sockets of this node into rooms.
    public func join(_ rooms: [String], _ options: BroadcastOptions) {
        onLoops { loop in
            for socket in loop.sockets(options) { for room in rooms { socket.join(room) } }
        }
    }

    /// Takes sockets of this node out of rooms.
    public func leave(_ rooms: [String], _ options: BroadcastOptions) {
        onLoops { loop in
            for socket in loop.sockets(options) { for room in rooms { socket.leave(room) } }
        }
    }

    /// Disconnects sockets of this node.
    public func disconnect(_ options: BroadcastOptions, close: Bool) {
        onLoops { loop in
            for socket in loop.sockets(options) { socket.disconnect(close: close) }
        }
    }

    /// Describes sockets of this node.
    public func sockets(_ options: BroadcastOptions) async -> [SocketDescription] {
        await gather { loop in loop.sockets(options).map { SocketDescription($0) } }
    }

    /// The same for other nodes: there a socket's id is one of its rooms, and its `data` an object where the application says nothing.
    func clusterSockets(_ options: BroadcastOptions) async -> [ClusterSocket] {
        await gather { loop in
            loop.sockets(options).map { socket in
                let data = loop.definition.describeHandler?(socket)
                return ClusterSocket(id: socket.id, rooms: [socket.id] + socket.rooms, data: ByteBuffer(string: data ?? "{}"))
            }
        }
    }

    /// There is no other server to send to.
    public func serverSideEmit(_ array: ByteBuffer) {}

    /// There is no other server to answer.
    public func serverSideEmitWithAck(_ array: ByteBuffer) async -> [ByteBuffer] { [] }

    /// 1.
    public func serverCount() async -> Int { 1 }

    /// Nothing.
    public func close() {}

    private func gather<Item: Sendable>(_ body: @escaping @Sendable (NamespaceLoop) -> [Item]) async -> [Item] {
        var items: [Item] = []
        for loop in loops { items += (try? await loop.eventLoop.submit { body(loop) }.get()) ?? [] }
        return items
    }

    private func onLoops(_ action: @escaping @Sendable (NamespaceLoop) -> Void) {
        for loop in loops {
            if loop.eventLoop.inEventLoop { action(loop) } else { loop.eventLoop.execute { action(loop) } }
        }
    }
}
