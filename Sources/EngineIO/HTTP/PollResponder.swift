import EngineIOCore
import NIOCore
import NIOHTTP1

/// What a polling request is answered with.
enum PollAnswer: Sendable {
    /// 200 with these packets.
    case packets([OutboundFrame])
    /// 200 with a `noop`.
    case noop
    /// 200 `ok`, to a POST.
    case ok
    /// A status without a body.
    case empty(HTTPResponseStatus)
    /// The status and JSON body of a refused request; `message` takes the place of the error's own.
    case error(EngineRequestError, message: String? = nil)

    var status: HTTPResponseStatus {
        switch self {
        case .packets, .noop, .ok: .ok
        case .empty(let status): status
        case .error(let error, _): HTTPResponseStatus(statusCode: error.status)
        }
    }

    var contentType: String? {
        switch self {
        case .packets, .noop: "text/plain; charset=UTF-8"
        case .ok: "text/html"
        case .empty: nil
        case .error: "application/json"
        }
    }

    /// Whether the body may be compressed: packets, unless all of them are said to be better not.
    var isCompressible: Bool {
        if case .packets(let frames) = self { frames.contains { $0.isCompressible } } else { false }
    }

    var body: ByteBuffer {
        switch self {
        case .packets(let frames):
            var body = ByteBuffer()
            for frame in frames {
                let text = frame.textPacket
                if text.readableBytes > 0 { PollingPayload.append(text: text, to: &body) }
                for binary in frame.binaryPayloads { PollingPayload.append(binary: binary, to: &body) }
            }
            return body
        case .noop: return ByteBuffer(string: "6")
        case .ok: return ByteBuffer(string: "ok")
        case .empty: return ByteBuffer()
        case .error(let error, let message): return ByteBuffer(string: error.body(message: message ?? error.message))
        }
    }
}

/// The way back to the HTTP connection of one polling request, from whichever loop its session lives on.
final class PollResponder: Sendable {
    private let eventLoop: any EventLoop
    private let handler: NIOLoopBound<HTTPRequestHandler>

    init(handler: HTTPRequestHandler, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    func answer(_ answer: PollAnswer) {
        if eventLoop.inEventLoop {
            handler.value.answerPoll(self, answer)
        } else {
            eventLoop.execute { self.handler.value.answerPoll(self, answer) }
        }
    }
}
