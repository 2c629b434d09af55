import EngineIOCore
import NIOCore
import NIOHTTP1

/// What a polling request is answered with.
enum PollAnswer: Sendable {
    /// 200 with a payload of packets.
    case payload(contentType: String, body: ByteBuffer, isCompressible: Bool)
    /// 200 `ok`, to a POST.
    case ok
    /// A status without a body.
    case empty(HTTPResponseStatus)
    /// The status and JSON body of a refused request; `message` takes the place of the error's own.
    case error(EngineRequestError, message: String? = nil)

    var status: HTTPResponseStatus {
        switch self {
        case .payload, .ok: .ok
        case .empty(let status): status
        case .error(let error, _): HTTPResponseStatus(statusCode: error.status)
        }
    }

    var contentType: String? {
        switch self {
        case .payload(let contentType, _, _): contentType
        case .ok: "text/html"
        case .empty: nil
        case .error: "application/json"
        }
    }

    /// Whether the body may be compressed: packets, unless all of them are said to be better not.
    var isCompressible: Bool {
        if case .payload(_, _, let isCompressible) = self { isCompressible } else { false }
    }

    var body: ByteBuffer {
        switch self {
        case .payload(_, let body, _): body
        case .ok: ByteBuffer(string: "ok")
        case .empty: ByteBuffer()
        case .error(let error, let message): ByteBuffer(string: error.body(message: message ?? error.message))
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
