import EngineIOCore
import NIOCore
import NIOHTTP1

/// What a polling request is answered with.
enum PollAnswer: Sendable {
    /// 200 with a payload of packets.
    case payload(contentType: String, body: ByteBuffer)
    /// 200 `ok`, to a POST.
    case ok
    /// A status without a body.
    case empty(HTTPResponseStatus)
    /// The status and JSON body of a refused request.
    case error(EngineRequestError)

    var status: HTTPResponseStatus {
        switch self {
        case .payload, .ok: .ok
        case .empty(let status): status
        case .error(let error): HTTPResponseStatus(statusCode: error.status)
        }
    }

    var contentType: String? {
        switch self {
        case .payload(let contentType, _): contentType
        case .ok: "text/html"
        case .empty: nil
        case .error: "application/json"
        }
    }

    var body: ByteBuffer {
        switch self {
        case .payload(_, let body): body
        case .ok: ByteBuffer(string: "ok")
        case .empty: ByteBuffer()
        case .error(let error): ByteBuffer(string: error.body)
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
