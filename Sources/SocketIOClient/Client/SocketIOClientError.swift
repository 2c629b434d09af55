import NIOCore

/// A failure on the way to the server or on this side; what the server answers to CONNECT is a ``SocketIOConnectError``.
public struct SocketIOClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case invalidURL = "invalid URL"
            case refused, closed, timeout
            case protocolViolation = "protocol violation"
            case invalidJSON = "invalid JSON"
        }

        private let value: Value

        /// The URL cannot be read, or asks for TLS.
        public static let invalidURL = Code(value: .invalidURL)
        /// The server answered the opening request with an HTTP error, see ``SocketIOClientError/status``.
        public static let refused = Code(value: .refused)
        /// The connection is gone, see ``SocketIOClient/closeReason``.
        public static let closed = Code(value: .closed)
        /// Nothing came within the time given.
        public static let timeout = Code(value: .timeout)
        /// The server sent something that the protocol does not allow.
        public static let protocolViolation = Code(value: .protocolViolation)
        /// The text given to send is not JSON.
        public static let invalidJSON = Code(value: .invalidJSON)

        /// The code in words.
        public var description: String { value.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, for people.
    public let message: String
    /// The HTTP status of a refusal; `nil` for other codes.
    public let status: Int?

    init(_ code: Code, _ message: String, status: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status
    }

    /// `timeout: no ack within 5.0 seconds`
    public var description: String { "\(code): \(message)" }

    /// The error that callers are to see in place of SwiftNIO's.
    static func translated(_ error: any Error) -> any Error {
        switch error as? ChannelError {
        case .connectTimeout(let limit): Self(.timeout, "not connected within \(Duration(limit))")
        case .some: Self(.closed, "the connection ended before it was ready")
        case nil: error
        }
    }
}
