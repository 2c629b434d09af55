import GatewayDomain

/// Why the auth service refuses a request. Code and message go to the client as they are.
public struct AuthFailure: Error, Hashable, Sendable {
    /// The code of the contract.
    public let code: ErrorCode
    /// What is wrong and what the client can do.
    public let message: String
    /// When to try again, where that helps.
    public let retryAfter: Duration?

    /// A failure with this code and message.
    public init(_ code: ErrorCode, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}
