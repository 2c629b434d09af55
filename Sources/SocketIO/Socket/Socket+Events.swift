import NIOCore
import SocketIOCore

/// What a client's events go through: the gate, the middleware, the listeners, the handler. On the loop.
extension Socket {
    func received(event name: String, arguments: EventArguments, ackID: UInt64?) {
        let ack = ackID.map { Ack(socket: self, id: $0) }
        if let gate = loop.definition.gate, !gate(self, name, ack) { return }
        let event = IncomingEvent(name: name, arguments: arguments, ack: ack)
        guard let count = waitingEvents?.count else {
            _ = proceed(event, from: 0)
            return
        }
        // An event before it is looked at still: this one waits its turn.
        guard count < client.application.configuration.maxWaitingEvents else { return closeTransport() }
        waitingEvents?.append(event)
    }

    /// Takes the event through the middleware from `index` on, and to its handler. `false` where a middleware takes its time.
    private func proceed(_ event: IncomingEvent, from index: Int) -> Bool {
        let middlewares = loop.definition.eventMiddlewares
        for index in index..<middlewares.count {
            switch middlewares[index] {
            case .immediate(let middleware):
                do {
                    try middleware(self, event)
                } catch {
                    failed(event, error)
                    return true
                }
            case .suspending(let middleware):
                waitingEvents = waitingEvents ?? []
                Task {
                    let result: Result<Void, any Error>
                    do { result = .success(try await middleware(self, event)) } catch { result = .failure(error) }
                    eventLoop.execute { self.resume(event, after: index, result) }
                }
                return false
            }
        }
        dispatch(event)
        return true
    }

    private func resume(_ event: IncomingEvent, after index: Int, _ result: Result<Void, any Error>) {
        guard connected else {
            waitingEvents = nil
            return
        }
        switch result {
        case .success: guard proceed(event, from: index + 1) else { return }
        case .failure(let error): failed(event, error)
        }
        while connected, let next = waitingEvents?.popFirst() {
            guard proceed(next, from: 0) else { return }
        }
        waitingEvents = nil
    }

    private func failed(_ event: IncomingEvent, _ error: any Error) {
        for handler in loop.definition.errorHandlers { handler(self, event, error) }
    }

    private func dispatch(_ event: IncomingEvent) {
        // What a middleware has ended, or a listener, gets no further.
        guard connected else { return }
        for listener in loop.definition.listeners { listener(self, event.name, event.arguments) }
        if let handler = loop.definition.handlers[event.name] {
            handler(self, event.arguments, event.ack)
        } else {
            loop.definition.unknownHandler?(self, event.name, event.arguments, event.ack)
        }
    }
}
