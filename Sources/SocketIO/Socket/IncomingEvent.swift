public import SocketIOCore

/// An event that a client sent, on its way to its handler.
public struct IncomingEvent: Sendable {
    /// Its name.
    public let name: String
    /// Its arguments.
    public let arguments: EventArguments
    /// The answer that the client waits for; `nil` where it asked for none.
    public let ack: Ack?
}

/// A look at each event before its handler.
enum EventMiddleware: Sendable {
    case immediate(@Sendable (Socket, IncomingEvent) throws -> Void)
    case suspending(@Sendable (Socket, IncomingEvent) async throws -> Void)
}
