public import NIOCore
public import SocketIOCore

/// Chooses whom a broadcast reaches, and sends it: `server.to("news").except(socket.id).emit(…)`.
public struct BroadcastOperator: Sendable {
    private let loops: [NamespaceLoop]
    private var options = BroadcastOptions()

    init(loops: [NamespaceLoop]) {
        self.loops = loops
    }

    /// Adds members of `room`.
    public func to(_ room: String) -> Self {
        var copy = self
        copy.options.rooms.insert(room)
        return copy
    }

    /// Leaves out members of `room`.
    public func except(_ room: String) -> Self {
        var copy = self
        copy.options.except.insert(room)
        return copy
    }

    /// Lets clients that cannot take the event at once go without it.
    public var volatile: Self {
        var copy = self
        copy.options.isVolatile = true
        return copy
    }

    /// Sends the event on every event loop. May be called from anywhere; returns before the event is out.
    ///
    /// Where the server recovers connection state, the event is kept for clients that are away, unless it is volatile or not
    /// ``OutgoingEvent/isRecoverable``.
    public func emit(_ event: OutgoingEvent) {
        if event.isRecoverable, !options.isVolatile, let recovery = loops.first?.recovery {
            return recovery.publish(event, options, on: loops)
        }
        onLoops { loop, options in loop.emit(event, options: options) }
    }

    /// Sends an event with one argument of JSON text.
    public func emit(_ name: String, json argument: String) {
        emit(OutgoingEvent(name, json: argument, namespace: loops.first?.name ?? "/"))
    }

    /// Sends an event and gathers the answers of all clients that it reaches, in no particular order. Clients that do not answer within
    /// `timeout` are missing from the result.
    public func emitWithAck(_ name: String, json arguments: ByteBuffer, timeout: Duration) async -> [EventArguments] {
        let sockets = await sockets()
        return await withTaskGroup { group in
            for socket in sockets {
                group.addTask { try? await socket.emitWithAck(name, json: arguments, timeout: timeout) }
            }
            var answers: [EventArguments] = []
            for await answer in group { if let answer { answers.append(answer) } }
            return answers
        }
    }

    /// Brings the chosen sockets into a room.
    public func socketsJoin(_ room: String) {
        onLoops { loop, options in
            for socket in loop.sockets(options) { socket.join(room) }
        }
    }

    /// Takes the chosen sockets out of a room.
    public func socketsLeave(_ room: String) {
        onLoops { loop, options in
            for socket in loop.sockets(options) { socket.leave(room) }
        }
    }

    /// Disconnects the chosen sockets; with `close`, their whole connections.
    public func disconnectSockets(close: Bool = false) {
        onLoops { loop, options in
            for socket in loop.sockets(options) {
                socket.disconnect()
                if close { socket.closeTransport() }
            }
        }
    }

    /// What the chosen sockets are at the moment.
    public func fetchSockets() async -> [SocketDescription] {
        await gather { loop, options in loop.sockets(options).map { SocketDescription($0) } }
    }

    private func sockets() async -> [Socket] {
        await gather { loop, options in loop.sockets(options) }
    }

    private func gather<Item: Sendable>(_ body: @escaping @Sendable (NamespaceLoop, BroadcastOptions) -> [Item]) async -> [Item] {
        var items: [Item] = []
        for loop in loops {
            let options = self.options
            items += (try? await loop.eventLoop.submit { body(loop, options) }.get()) ?? []
        }
        return items
    }

    private func onLoops(_ action: @escaping @Sendable (NamespaceLoop, BroadcastOptions) -> Void) {
        for loop in loops {
            let options = self.options
            if loop.eventLoop.inEventLoop {
                action(loop, options)
            } else {
                loop.eventLoop.execute { action(loop, options) }
            }
        }
    }
}
