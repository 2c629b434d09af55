/// Why the store could not do what it was asked. Holds no token.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: String, Sendable {
        /// The database cannot be opened or brought up to date.
        case unavailable
        /// A statement failed, or what it found makes no sense.
        case failed
        /// The session a record belongs to has ended in the meantime.
        case sessionEnded
    }

    /// What went wrong.
    public let code: Code
    /// What went wrong and what to do, for the operator.
    public let message: String

    /// An error with this code and message.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "store \(code.rawValue): \(message)" }
}
