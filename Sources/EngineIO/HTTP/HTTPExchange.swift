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
    /// Whether it has been asked whether there is a session for a body of that size.
    var isVouchedFor = false
    /// Whether it has opened ``session``.
    var isHandshake = false
    /// The way back for a polling request.
    var responder: PollResponder?
    /// The session that holds the request as its pending poll.
    var session: EngineConnection?

    init(head: HTTPRequestHead, isForEngine: Bool, query: Substring) {
        self.head = head
        self.isForEngine = isForEngine
        self.query = query
    }
}
