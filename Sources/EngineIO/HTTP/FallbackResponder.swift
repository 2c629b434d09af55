public import NIOCore
public import NIOHTTP1

/// A request that is not for the Engine.IO path, whole.
public struct FallbackRequest: Sendable {
    /// Method, URI and headers.
    public let head: HTTPRequestHead
    /// The body, at most as long as the responder's ``FallbackResponder/maximumBody``.
    public let body: ByteBuffer
    /// The address it came from, as the socket or the PROXY protocol says.
    public let remoteAddress: SocketAddress?
    /// The connection's channel, for frameworks that want one.
    public let channel: any Channel
}

/// The answer to a ``FallbackRequest``, whole.
public struct FallbackResponse: Sendable {
    /// The status line.
    public var status: HTTPResponseStatus
    /// The headers; `content-length` and `connection` are set by the server.
    public var headers: HTTPHeaders
    /// The body.
    public var body: ByteBuffer

    /// An answer.
    public init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Answers what is not for the Engine.IO path, so that one port serves both.
public protocol FallbackResponder: Sendable {
    /// The largest body that is read; longer ones are answered 413.
    var maximumBody: Int { get }
    /// The answer that refuses a request with a long body before more of it is read; `nil` where it may come.
    ///
    /// Not asked about bodies of up to 16 KiB: nearly all have less. Asked when a body passes that, each time it has doubled since, and where
    /// the client waits to be told that it may send it (`Expect: 100-continue`). The connection ends with the refusal. Runs on the
    /// connection's event loop, and must not block it.
    ///
    /// - Parameters:
    ///   - head: Method, URI and headers.
    ///   - bytes: How long the body is at least: what has come of it, or what `Content-Length` says.
    func refusal(of head: HTTPRequestHead, bytes: Int) -> FallbackResponse?
    /// Answers a request at once, where that takes less than a change of threads; `nil` where ``respond(to:)`` is to answer it. Runs on the
    /// connection's event loop, and must not block it.
    func respondAtOnce(to request: FallbackRequest) -> FallbackResponse?
    /// Answers a request; runs off the event loop.
    func respond(to request: FallbackRequest) async -> FallbackResponse
}

extension FallbackResponder {
    /// Refuses nothing.
    public func refusal(of head: HTTPRequestHead, bytes: Int) -> FallbackResponse? { nil }
    /// Answers nothing at once.
    public func respondAtOnce(to request: FallbackRequest) -> FallbackResponse? { nil }
}

/// Answers everything with 404.
public struct NotFoundResponder: FallbackResponder {
    /// No body is read.
    public let maximumBody = 0

    /// A responder that knows nothing.
    public init() {}

    /// 404.
    public func respond(to request: FallbackRequest) async -> FallbackResponse {
        FallbackResponse(status: .notFound, headers: ["content-type": "text/plain"], body: ByteBuffer(string: "not found\n"))
    }
}
