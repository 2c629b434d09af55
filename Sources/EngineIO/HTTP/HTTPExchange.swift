import NIOCore
import NIOHTTP1

/// One request on an HTTP connection, from its head to its answer.
struct HTTPExchange {
    let head: HTTPRequestHead
    /// Whether it is for the Engine.IO path.
    let isForEngine: Bool
    /// The query of a request to the Engine.IO path.
    let query: Substring
    var body = ByteBuffer()
    /// With how many bytes of the body it is asked, the next time, whether the rest of it may come.
    var askedAbove = unaskedBody
    /// Whether it has opened ``session``.
    var isHandshake = false
    /// The way back for a polling request.
    var responder: PollResponder?
    /// The session that holds the request as its pending poll.
    var session: EngineConnection?

    /// How much of a body is read before anybody asks whether its session exists, or whether its sender may send so much: nearly all have less,
    /// and nobody without a right to it can fill the memory.
    static let unaskedBody = 16 << 10

    init(head: HTTPRequestHead, isForEngine: Bool, query: Substring) {
        self.head = head
        self.isForEngine = isForEngine
        self.query = query
    }
}
