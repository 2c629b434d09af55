import EngineIOCore
import NIOCore
import NIOHTTP1

/// What comes and goes over HTTP long-polling.
extension EngineConnection {
    func pollReceived(_ responder: PollResponder) {
        eventLoop.assertInEventLoop()
        switch machine.pollReceived(hasQueued: queue.map { !$0.isEmpty } ?? false) {
        case .hold:
            poll = responder
        case .answerQueued:
            poll = responder
            answerPoll()
        case .answerNoop: responder.answer(.noop)
        case .refuseOverlap:
            responder.answer(.empty(.badRequest))
            close(.transportError)
        case .refuseTransport: responder.answer(.error(.badRequest))
        case .answerLast: answerLast(responder)
        case .refuseClosed: responder.answer(.error(.unknownSession))
        }
    }

    /// The connection of a pending poll is gone.
    func pollAbandoned(_ responder: PollResponder) {
        eventLoop.assertInEventLoop()
        guard poll === responder else { return }
        poll = nil
        machine.pollEnded()
        close(.transportError)
    }

    func postReceived(_ body: ByteBuffer, _ responder: PollResponder) {
        eventLoop.assertInEventLoop()
        switch machine.postReceived() {
        case .accept: break
        case .refuseOverlap:
            responder.answer(.empty(.badRequest))
            return close(.transportError)
        case .refuseTransport: return responder.answer(.error(.badRequest))
        case .ignore: return responder.answer(.ok)
        case .refuseClosed: return responder.answer(.error(.unknownSession))
        }
        // As the reference server: what cannot be decoded is answered `ok`, then the session is gone.
        responder.answer(.ok)
        machine.postEnded()
        do {
            for packet in try PollingPayload.decode(body) {
                guard !isClosed else { return }
                receive(packet)
            }
        } catch {
            close(.parseError)
        }
    }

    func answerPoll() {
        guard let poll, var queue, !queue.isEmpty else { return }
        self.poll = nil
        self.queue = nil
        machine.pollEnded()
        loop.statistics.queuedBytes -= queue.byteCount
        poll.answer(PollAnswer.packets(queue.takeAll()))
    }

    func releasePoll() {
        poll?.answer(.noop)
        poll = nil
    }
}
