public import EngineIOCore

/// Why a socket ended; ``text`` is what the reference server calls it.
public enum DisconnectReason: Hashable, Sendable {
    /// The client called `socket.disconnect()`.
    case clientNamespaceDisconnect
    /// The server called ``Socket/disconnect(close:)``.
    case serverNamespaceDisconnect
    /// The session below ended.
    case connection(CloseReason)

    /// Whether the client may come again and get its session back: it has gone without anybody having wanted it. A connection that broke
    /// the protocol would break it again.
    var isRecoverable: Bool {
        switch self {
        case .clientNamespaceDisconnect, .serverNamespaceDisconnect, .connection(.parseError): false
        case .connection: true
        }
    }

    /// The reference server's text.
    public var text: String {
        switch self {
        case .clientNamespaceDisconnect: "client namespace disconnect"
        case .serverNamespaceDisconnect: "server namespace disconnect"
        case .connection(let reason): reason.rawValue
        }
    }
}
