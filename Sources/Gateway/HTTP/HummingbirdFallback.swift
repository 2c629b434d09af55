import EngineIO
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Serves a Hummingbird router behind the Engine.IO server, so that one port does both.
struct HummingbirdFallback<Responder: HTTPResponder>: FallbackResponder where Responder.Context == GatewayRequestContext {
    let responder: Responder
    let logger: Logger
    let maximumBody: Int
    /// What is answered without the router.
    let atOnce: @Sendable (FallbackRequest) -> FallbackResponse?
    /// What is refused before its body has come.
    let refused: @Sendable (HTTPRequestHead, _ bytes: Int) -> FallbackResponse?

    func refusal(of head: HTTPRequestHead, bytes: Int) -> FallbackResponse? { refused(head, bytes) }

    func respondAtOnce(to request: FallbackRequest) -> FallbackResponse? { atOnce(request) }

    func respond(to request: FallbackRequest) async -> FallbackResponse {
        let method = HTTPRequest.Method(request.head.method.rawValue) ?? .get
        var head = HTTPRequest(
            method: method,
            scheme: "http",
            authority: request.head.headers.first(name: "host"),
            path: request.head.uri
        )
        for (name, value) in request.head.headers {
            if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
        }
        var context = GatewayRequestContext(source: ApplicationRequestContextSource(channel: request.channel, logger: logger))
        context.peer = request.remoteAddress
        do {
            let response = try await responder.respond(to: Request(head: head, body: RequestBody(buffer: request.body)), context: context)
            let sink = BodySink()
            try await response.body.write(sink)
            return FallbackResponse(
                status: HTTPResponseStatus(statusCode: response.status.code),
                headers: HTTPHeaders(response.headers.map { ($0.name.rawName, $0.value) }),
                body: await sink.collector.body
            )
        } catch {
            logger.error("a route failed", metadata: ["path": "\(head.path ?? "")", "error": "\(error)"])
            return FallbackResponse(status: .internalServerError)
        }
    }
}

/// Collects a response's body; all of this server's are small.
private struct BodySink: ResponseBodyWriter {
    actor Collector {
        private(set) var body = ByteBuffer()
        func append(_ part: ByteBuffer) { body.writeImmutableBuffer(part) }
    }

    let collector = Collector()

    mutating func write(_ buffer: ByteBuffer) async throws { await collector.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
