import EngineIO
import HTTPTypes
import Hummingbird
import JSONScan
import NIOCore
import NIOHTTP1

/// `POST /api/v1/events`: back-end services publish one envelope or an array of them, with the service token.
struct PublishRoute: Sendable {
    let bus: any EventBus
    let access: ServiceAccess
    let counters: GatewayCounters
    let malformed: MalformedLog

    static let path = "/api/v1/events"
    /// The most envelopes of one request.
    static let maximumEnvelopes = 10_000
    /// Bodies up to this many bytes are read on the event loop. To hand a small one to another thread and back takes longer than to scan it; the
    /// largest takes a fraction of the time in which its events are written to those who get them.
    static let maximumAtOnce = 64 << 10

    func handle(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        if let refusal = access.refusal(of: request) { return refusal }
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: context.maxUploadSize) } catch {
            return .failure(.contentTooLarge, code: "INVALID_MESSAGE", message: "the body may have at most \(context.maxUploadSize) bytes")
        }
        let texts: [[UInt8]]
        do { texts = try Self.split(Array(body.readableBytesView)) } catch {
            counters.countPublish(accepted: 0, malformed: 1)
            malformed.note(1, last: "\(error)")
            return .failure(.badRequest, code: "INVALID_MESSAGE", message: "the body is not an envelope or an array of envelopes: \(error)")
        }
        guard texts.count <= Self.maximumEnvelopes else {
            return .failure(.badRequest, code: "INVALID_MESSAGE", message: "at most \(Self.maximumEnvelopes) envelopes a request")
        }
        return await publish(texts)
    }

    /// Answers a small request in which nothing is wrong, on the event loop; `nil` where ``handle(_:_:)`` is to answer it.
    func answerAtOnce(_ request: FallbackRequest) -> FallbackResponse? {
        guard request.head.method == .POST, request.head.uri == Self.path, request.body.readableBytes <= Self.maximumAtOnce,
            access.admits(request.head.headers.first(name: "authorization")),
            let envelopes = try? Envelope.all(in: Array(request.body.readableBytesView)), !envelopes.isEmpty
        else { return nil }
        guard bus.publishAtOnce(envelopes) else { return nil }
        counters.countPublish(accepted: envelopes.count, malformed: 0)
        return FallbackResponse(
            status: .accepted,
            headers: ["content-type": "application/json", "cache-control": "no-store"],
            body: ByteBuffer(string: "{\"accepted\":\(envelopes.count)}")
        )
    }

    private func publish(_ texts: [[UInt8]]) async -> Response {
        var envelopes: [Envelope] = []
        var errors: [String] = []
        var firstError: String?
        for (index, text) in texts.enumerated() {
            do throws(EnvelopeError) { envelopes.append(try Envelope(json: text)) } catch {
                errors.append("{\"index\":\(index),\"code\":\"INVALID_MESSAGE\",\"message\":\(JSONString.literal(error.message))}")
                firstError = firstError ?? (texts.count == 1 ? error.message : "envelope \(index): \(error.message)")
            }
        }
        let accepted = envelopes.count
        do { try await bus.publish(envelopes) } catch {
            return .unavailable(
                code: "INTERNAL",
                message: "the event bus did not take all of the events; publish all again, with an `id` so that none counts twice",
                retryAfter: BusError.retryAfter
            )
        }
        counters.countPublish(accepted: accepted, malformed: errors.count)
        if let firstError { malformed.note(errors.count, last: firstError) }
        if accepted == 0 {
            return .failure(.badRequest, code: "INVALID_MESSAGE", message: firstError ?? "there is no envelope in the array")
        }
        let list = errors.isEmpty ? "" : ",\"errors\":[\(errors.joined(separator: ","))]"
        return .json(.accepted, "{\"accepted\":\(accepted)\(list)}")
    }

    /// The texts of the envelopes in a body: the elements of an array, or the body itself.
    private static func split(_ body: [UInt8]) throws(JSONScanError) -> [[UInt8]] {
        var scanner = JSONScanner(body.span)
        var texts: [[UInt8]] = []
        if try scanner.nextKind() == .array {
            if try scanner.enter(.array) {
                repeat { texts.append(Array(body[try scanner.value().range])) } while try scanner.hasNext(in: .array)
            }
        } else {
            _ = try scanner.value()
            texts.append(body)
        }
        try scanner.end()
        return texts
    }
}

extension Response {
    /// JSON text as an answer.
    static func json(_ status: HTTPResponse.Status, _ json: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json))
        )
    }

    /// 503 `{"error": {"code", "message", "retryAfter"}}`, with the seconds in `Retry-After` too.
    static func unavailable(code: String, message: String, retryAfter: Int) -> Response {
        var response = json(
            .serviceUnavailable,
            "{\"error\":{\"code\":\"\(code)\",\"message\":\(JSONString.literal(message)),\"retryAfter\":\(retryAfter)}}"
        )
        response.headers[.retryAfter] = "\(retryAfter)"
        return response
    }

    /// `{"error": {"code", "message"}}`.
    static func failure(_ status: HTTPResponse.Status, code: String, message: String) -> Response {
        .json(status, "{\"error\":{\"code\":\"\(code)\",\"message\":\(JSONString.literal(message))}}")
    }
}
