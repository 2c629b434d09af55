import NIOCore
import SocketIOCore
import Synchronization

/// What the other servers want of this one. On whatever thread the driver calls.
extension ClusterAdapter {
    func receive(_ message: ClusterMessage) {
        guard message.sender != id, message.namespace == local.namespace else { return }
        if message.sender != ClusterMessage.emitter, !driver.countsServers {
            let now = Self.now(eventLoop)
            state.withLock { $0.members.seen(message.sender, now: now) }
        }
        switch message.body {
        case .initialHeartbeat: publish(.heartbeat)
        case .heartbeat: break
        case .close: removed(message.sender)
        case .broadcast(let event, let options, let requestID):
            if let requestID {
                broadcastWithAck(event, options, requestID, for: message.sender)
            } else if let outgoing = OutgoingEvent(
                event,
                namespace: local.namespace,
                isRecoverable: options.isRecoverable,
                isCompressible: options.isCompressed
            ) {
                local.broadcast(outgoing, BroadcastOptions(options))
            }
        case .socketsJoin(let options, let rooms): local.join(rooms, BroadcastOptions(options))
        case .socketsLeave(let options, let rooms): local.leave(rooms, BroadcastOptions(options))
        case .disconnectSockets(let options, let close): local.disconnect(BroadcastOptions(options), close: close)
        case .fetchSockets(let options, let requestID):
            Task {
                let sockets = await local.clusterSockets(BroadcastOptions(options))
                respond(to: message.sender, .fetchSocketsResponse(requestID: requestID, sockets: sockets))
            }
        case .serverSideEmit(let array, let requestID): serverSide(array, requestID, from: message.sender)
        case .fetchSocketsResponse(let requestID, let sockets):
            let answers = sockets.map { ClusterState.Answer.socket(SocketDescription($0, server: message.sender)) }
            state.withLock { $0.requests.answered(requestID, by: message.sender, answers) }?.resume()
        case .serverSideEmitResponse(let requestID, let answer):
            state.withLock { $0.requests.answered(requestID, by: message.sender, [.value(answer)]) }?.resume()
        case .broadcastClientCount(let requestID, let count):
            state.withLock { $0.requests.answered(requestID, by: message.sender, promising: count) }?.resume()
        case .broadcastAck(let requestID, let answer, let attachments):
            guard let arguments = EventArguments(value: answer, attachments: attachments) else { return }
            state.withLock { $0.requests.answered(requestID, .arguments(arguments)) }?.resume()
        }
    }

    private func removed(_ server: String) {
        let finished = state.withLock { state in
            state.members.remove(server)
            return state.requests.removed(server: server)
        }
        for request in finished { request.resume() }
    }

    private func broadcastWithAck(_ event: ClusterEvent, _ options: ClusterOptions, _ requestID: String, for server: String) {
        let timeout = options.timeout ?? configuration.requestTimeout
        Task {
            let (count, answers) = await local.request(event, BroadcastOptions(options), timeout: timeout)
            respond(to: server, .broadcastClientCount(requestID: requestID, count: count))
            for await answer in answers {
                let first = answer.json(0) ?? ByteBuffer(string: "null")
                respond(to: server, .broadcastAck(requestID: requestID, answer: first, attachments: answer.attachments))
            }
        }
    }

    private func serverSide(_ array: ByteBuffer, _ requestID: String?, from server: String) {
        let packet = SocketPacket(kind: .event, namespace: local.namespace, json: array)
        guard case .event(_, let name, let arguments, _)? = try? SocketMessage(packet) else { return }
        let ack = requestID.map { requestID in
            ServerSideAck { [weak self] answer in self?.respond(to: server, .serverSideEmitResponse(requestID: requestID, answer: answer)) }
        }
        let local = self.local
        eventLoop.execute { local.loops.first?.definition.serverSideHandlers[name]?(arguments, ack) }
    }
}
