public import RESP

/// Why something with Redis has failed. The message says what to do; it holds no password.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; more kinds may come.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String { case connection, timeout, overloaded, reply, configuration, protocolViolation, shutDown, redirection }
        private let name: Name

        private init(_ name: Name) { self.name = name }

        /// The server cannot be reached, or the connection has gone. A command that was under way may or may not have been carried out.
        public static let connection = Code(.connection)
        /// No answer came in time. The command may or may not have been carried out.
        public static let timeout = Code(.timeout)
        /// As many commands wait as are allowed; nothing was sent.
        public static let overloaded = Code(.overloaded)
        /// Redis answered with an error, which is in ``RedisError/reply``.
        public static let reply = Code(.reply)
        /// The settings are wrong, or the server is not what they say.
        public static let configuration = Code(.configuration)
        /// What came is not the protocol.
        public static let protocolViolation = Code(.protocolViolation)
        /// The client has been shut down.
        public static let shutDown = Code(.shutDown)
        /// A cluster sent the command from node to node without end, or knows no node for its key.
        public static let redirection = Code(.redirection)

        /// The name of the kind, as logs and metrics show it.
        public var description: String { name.rawValue }
    }

    /// What kind of failure it is.
    public let code: Code
    /// What has happened and what to do, in a sentence.
    public let message: String
    /// What Redis said, where it answered.
    public let reply: RESPError?
    /// What the failure came from.
    public let underlying: (any Error)?

    /// A failure.
    public init(_ code: Code, _ message: String, reply: RESPError? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.reply = reply
        self.underlying = underlying
    }

    /// Redis answered with an error.
    public init(reply: RESPError) {
        self.init(.reply, "Redis answers: \(reply.message)", reply: reply)
    }

    /// Kind and message.
    public var description: String {
        if let underlying { "\(code): \(message) (\(underlying))" } else { "\(code): \(message)" }
    }
}
