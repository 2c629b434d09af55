import GatewayDomain
import JSONScan

/// A failure as the client gets it: in `error`, or in a negative ack.
struct GatewayError: Error, Equatable {
    let code: ErrorCode
    /// What is wrong and what to do.
    let message: String
    /// Seconds after which a retry makes sense.
    var retryAfter: Int?

    init(_ code: ErrorCode, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The members of the payload, without braces.
    var members: String {
        let retry = retryAfter.map { ",\"retryAfter\":\($0)" } ?? ""
        return "\"code\":\"\(code.rawValue)\",\"message\":\(JSONString.literal(message))\(retry)"
    }

    /// What a client is told whose queue is over its bound.
    static let slowConsumer = Self(
        .slowConsumer,
        "this connection does not take its events fast enough and is closed; reconnect, and subscribe to less where it happens again"
    )

    /// The bus between nodes has not confirmed in time that this node hears of what the client asked for.
    static let notHeard = Self(.internalError, "the event bus did not confirm the subscription; try again", retryAfter: BusError.retryAfter)

    static func invalid(_ message: String) -> Self { Self(.invalidMessage, message) }
}
