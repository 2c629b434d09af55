/// What ``EngineConfiguration/allowRequest`` says to a new session.
public enum EngineAdmission: Hashable, Sendable {
    /// It is opened.
    case allow
    /// It is refused with `EngineRequestError.forbidden`: status 403, or 400 where the request asks for a WebSocket.
    /// The message takes the place of `Forbidden`.
    case refuse(message: String? = nil)
}
