/// A configuration that cannot work. The message says what to do.
public struct AuthConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Sendable {
        /// Nobody could log in.
        case noIdentityProvider
        /// An access token would outlive what verifiers take, or not live at all.
        case badLifetime
        /// A file that has to have an exact form does not.
        case badKeyFile
    }

    /// What is wrong.
    public let code: Code
    /// What is wrong and what to do, for the operator.
    public let message: String

    /// The message.
    public var description: String { message }
}
