import EngineIOCore
import NIOCore
import NIOHTTP1

/// Answers to requests on the Engine.IO path: their headers, and their compression.
extension HTTPRequestHandler {
    func answerPoll(_ responder: PollResponder, _ answer: PollAnswer) {
        guard case .answering(let exchange) = state, exchange.responder === responder else { return }
        let configuration = loop.configuration
        var headers = HTTPHeaders()
        if let contentType = answer.contentType { headers.add(name: "content-type", value: contentType) }
        headers.add(name: "cache-control", value: "no-store")
        configuration.cors.apply(origin: exchange.head.headers.first(name: "origin"), to: &headers)
        switch answer {
        case .error(let error, _): loop.statistics.refused[error, default: 0] += 1
        case .empty: break
        case .payload, .ok: addHeaders(to: &headers, exchange)
        }
        let body = compressed(answer, for: exchange.head.headers, &headers)
        loop.statistics.bytesSent += body.readableBytes
        self.answer(answer.status, headers: headers, body: body, keepAlive: exchange.head.isKeepAlive)
    }

    /// Refuses a request of which the body is still coming.
    func refuseBody(_ error: EngineRequestError, of exchange: HTTPExchange) {
        guard case .receiving(let current) = state, current.query == exchange.query else { return }
        loop.statistics.refused[error, default: 0] += 1
        let refusal = PollAnswer.error(error)
        var headers: HTTPHeaders = ["cache-control": "no-store"]
        if let contentType = refusal.contentType { headers.add(name: "content-type", value: contentType) }
        loop.configuration.cors.apply(origin: exchange.head.headers.first(name: "origin"), to: &headers)
        answer(refusal.status, headers: headers, body: refusal.body, keepAlive: false)
    }

    /// A load balancer takes this for what it is: another server should be asked.
    func refuseDraining(_ exchange: HTTPExchange) {
        loop.statistics.refusedDraining += 1
        var headers: HTTPHeaders = ["content-type": "application/json", "cache-control": "no-store", "retry-after": "1"]
        loop.configuration.cors.apply(origin: exchange.head.headers.first(name: "origin"), to: &headers)
        answer(.serviceUnavailable, headers: headers, body: ByteBuffer(string: #"{"message":"the server is draining"}"#), keepAlive: false)
    }

    /// The headers that the settings add to an answer of a transport.
    private func addHeaders(to headers: inout HTTPHeaders, _ exchange: HTTPExchange) {
        if exchange.isHandshake, let sid = exchange.session?.id {
            if let cookie = loop.configuration.cookie { headers.add(name: "set-cookie", value: cookie.header(sid)) }
            loop.configuration.initialHeaders?(exchange.head, &headers)
        }
        loop.configuration.headers?(exchange.head, &headers)
    }

    private func compressed(_ answer: PollAnswer, for request: HTTPHeaders, _ headers: inout HTTPHeaders) -> ByteBuffer {
        let body = answer.body
        guard answer.isCompressible, let settings = loop.configuration.httpCompression, body.readableBytes >= settings.threshold else {
            return body
        }
        headers.add(name: "vary", value: "Accept-Encoding")
        guard let coding = ContentCoding.preferred(request["accept-encoding"]),
            let encoded = loop.encoded(body, as: coding, level: min(max(settings.level, 1), 9))
        else { return body }
        headers.add(name: "content-encoding", value: coding.rawValue)
        return encoded
    }
}
