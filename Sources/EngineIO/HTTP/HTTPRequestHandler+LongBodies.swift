import NIOCore
import NIOHTTP1

/// Long bodies: whether more of one may come is asked before it has come, so that nobody without a right to it can fill the memory.
extension HTTPRequestHandler {
    /// Asks about a request of which the body has just passed `askedAbove`.
    func ask(about exchange: HTTPExchange) {
        var exchange = exchange
        if exchange.isForEngine {
            // Once: a session that was there takes as much as any message may have.
            exchange.askedAbove = .max
            state = .receiving(exchange)
            return vouch(for: exchange)
        }
        let bytes = exchange.body.readableBytes
        while exchange.askedAbove < bytes { exchange.askedAbove *= 2 }
        state = .receiving(exchange)
        if let refusal = refusal(of: exchange.head, received: bytes) { refuse(refusal) }
    }

    /// What the fallback responder says against a body of which so much has come.
    func refusal(of head: HTTPRequestHead, received: Int) -> FallbackResponse? {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        let bytes = max(received, announced)
        return bytes > HTTPExchange.unaskedBody ? fallback.refusal(of: head, bytes: bytes) : nil
    }

    /// Answers, and reads no more of the body.
    func refuse(_ refusal: FallbackResponse) {
        if refusal.status == .payloadTooLarge { loop.statistics.oversizedRequests += 1 }
        answer(refusal.status, headers: refusal.headers, body: refusal.body, keepAlive: false)
    }
}
