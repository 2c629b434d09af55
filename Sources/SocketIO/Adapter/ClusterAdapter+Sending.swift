import EngineIO
public import NIOCore
public import SocketIOCore
import Synchronization

/// What this server wants of the others.
extension ClusterAdapter {
    /// Sends the event here, and has the others send it to theirs.
    public func broadcast(_ event: OutgoingEvent, _ options: BroadcastOptions) {
        if !options.isLocal, let packet = event.clusterEvent {
            var forCluster = options.forCluster
            forCluster.isRecoverable = event.isRecoverable
            forCluster.isCompressed = event.frame.isCompressible
            publish(.broadcast(packet, forCluster, requestID: nil))
        }
        local.broadcast(event, options)
    }

    /// Sends the event everywhere; each server says how many of its clients got it, then passes on their answers as they come.
    public func broadcastWithAck(_ event: ClusterEvent, _ options: BroadcastOptions, timeout: Duration) async -> [EventArguments] {
        let (count, own) = await local.request(event, options, timeout: timeout)
        let id = makeRequestID()
        var forCluster = options.forCluster
        forCluster.timeout = timeout
        let isOpen = driver.hasUncountedServers && !options.isLocal
        let result = try? await request(timeout: timeout, due: count, id: id, isLocal: options.isLocal, isOpen: isOpen) { [forCluster] in
            if !options.isLocal { self.publish(.broadcast(event, forCluster, requestID: id)) }
            Task {
                for await answer in own { self.state.withLock { $0.requests.answered(id, .arguments(answer)) }?.resume() }
            }
        }
        return (result?.answers ?? []).compactMap { answer in
            switch answer {
            case .arguments(let arguments): arguments
            case .value, .socket: nil
            }
        }
    }

    /// Brings sockets on all servers into rooms.
    public func join(_ rooms: [String], _ options: BroadcastOptions) {
        if !options.isLocal { publish(.socketsJoin(options.forCluster, rooms: rooms)) }
        local.join(rooms, options)
    }

    /// Takes sockets on all servers out of rooms.
    public func leave(_ rooms: [String], _ options: BroadcastOptions) {
        if !options.isLocal { publish(.socketsLeave(options.forCluster, rooms: rooms)) }
        local.leave(rooms, options)
    }

    /// Disconnects sockets on all servers.
    public func disconnect(_ options: BroadcastOptions, close: Bool) {
        if !options.isLocal { publish(.disconnectSockets(options.forCluster, close: close)) }
        local.disconnect(options, close: close)
    }

    /// Describes sockets on all servers.
    public func sockets(_ options: BroadcastOptions) async throws -> [SocketDescription] {
        let own = await local.sockets(options)
        guard !options.isLocal else { return own }
        let id = makeRequestID()
        let result = try await request(answers: own.map { .socket($0) }, id: id) {
            self.publish(.fetchSockets(options.forCluster, requestID: id))
        }
        guard result.missing == 0 else { throw ClusterError.timedOut(missing: result.missing) }
        return result.answers.compactMap { if case .socket(let socket) = $0 { socket } else { nil } }
    }

    /// Sends an event to the other servers.
    public func serverSideEmit(_ array: ByteBuffer) {
        publish(.serverSideEmit(array, requestID: nil))
    }

    /// Sends an event to the other servers and waits for the answer of each.
    public func serverSideEmitWithAck(_ array: ByteBuffer) async throws -> [ByteBuffer] {
        let id = makeRequestID()
        let result = try await request(id: id) { self.publish(.serverSideEmit(array, requestID: id)) }
        guard result.missing == 0 else { throw ClusterError.timedOut(missing: result.missing) }
        return result.answers.compactMap { if case .value(let value) = $0 { value } else { nil } }
    }
}
