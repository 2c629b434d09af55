import EngineIO
import HTTPTypes
import Hummingbird
import JSONScan
import NIOCore
import NIOHTTP1

/// Which requests may have a long body: those of publishers, who show the service token.
struct LongBodies: Sendable {
    let publishers: ServiceAccess

    /// The longest body of any other request, in bytes: logins and the like have far less.
    static let maximumElsewhere = 64 << 10

    /// The answer that refuses a request with a body of at least `bytes`; `nil` where it may come. On the connection's loop.
    func refusal(of head: HTTPRequestHead, bytes: Int) -> FallbackResponse? {
        if Self.path(of: head.uri).split(separator: "/") == PublishRoute.path.split(separator: "/") { return publishers.refusal(of: head) }
        guard bytes > Self.maximumElsewhere else { return nil }
        return .failure(.contentTooLarge, code: "INVALID_MESSAGE", message: "the body may have at most \(Self.maximumElsewhere) bytes")
    }

    /// The path of a request's target, which may have a query, or be a whole URL.
    private static func path(of target: String) -> Substring {
        let path = target.prefix { $0 != "?" }
        guard !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") else { return path }
        return path[scheme.upperBound...].drop { $0 != "/" }
    }
}

extension FallbackResponse {
    /// `{"error": {"code", "message"}}`.
    static func failure(_ status: HTTPResponse.Status, code: String, message: String) -> FallbackResponse {
        FallbackResponse(
            status: HTTPResponseStatus(statusCode: status.code),
            headers: ["content-type": "application/json", "cache-control": "no-store"],
            body: ByteBuffer(string: "{\"error\":{\"code\":\"\(code)\",\"message\":\(JSONString.literal(message))}}")
        )
    }
}
