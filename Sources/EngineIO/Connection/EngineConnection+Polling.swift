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
        case .answerNoop: answer(responder, with: [Self.noop])
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

    /// A POST came; `isBinary` where it says so, which protocol 4 knows no more.
    func postReceived(_ body: ByteBuffer, isBinary: Bool, _ responder: PollResponder) {
        eventLoop.assertInEventLoop()
        if isBinary, revision == .four {
            responder.answer(.empty(.badRequest))
            return close(.transportError)
        }
        switch machine.postReceived() {
        case .accept: break
        case .refuseOverlap:
            responder.answer(.empty(.badRequest))
            return close(.transportError)
        case .refuseTransport: return responder.answer(.error(.badRequest))
        case .ignore: return responder.answer(.ok)
        case .refuseClosed: return responder.answer(.error(.unknownSession))
        }
        let packets = Result { () throws(EnginePacketError) in try encoding.packets(body, isBinary: isBinary) }
        machine.postEnded()
        var answer = PollAnswer.ok
        switch packets {
        case .success(let packets): for packet in packets where !isClosed { receive(packet) }
        case .failure:
            // As the reference server: what cannot be decoded is answered `ok`, then the session is gone. In protocol 3 the reference server
            // breaks the connection off; its test suite would rather have a 400.
            if revision == .three { answer = .empty(.badRequest) }
            close(.parseError)
        }
        // Last: the connection's next request may follow within this call.
        responder.answer(answer)
    }

    func answerPoll() {
        guard let poll, var queue, !queue.isEmpty else { return }
        let before = queue.byteCount
        // All at once, so that a client is not held up by its own requests; but what it missed while it was away may be very much.
        let frames = queue.holdsMissed ? queue.take(upTo: Self.missedPerPoll, now: loop.now) : queue.takeAll()
        self.poll = nil
        self.queue = queue.isEmpty ? nil : queue
        machine.pollEnded()
        loop.statistics.queuedBytes -= before - queue.byteCount
        // What is left must not wait for ever for the next GET. A session that has ended has a time of its own for that.
        if self.queue != nil, !isClosed { scheduleTimer() }
        answer(poll, with: frames)
    }

    /// About how many bytes one answer has while what the client missed is under way.
    private static let missedPerPoll = 256 << 10

    func releasePoll() {
        if let poll { answer(poll, with: [Self.noop]) }
        poll = nil
    }

    func answer(_ poll: PollResponder, with frames: [OutboundFrame]) {
        let (contentType, body) = encoding.payload(frames)
        poll.answer(.payload(contentType: contentType, body: body, isCompressible: frames.contains { $0.isCompressible }))
    }

    private static let noop = OutboundFrame(text: "6")
}
