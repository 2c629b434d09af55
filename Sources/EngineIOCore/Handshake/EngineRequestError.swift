/// A request that the server refuses before any session is touched; codes and messages are the reference server's.
public enum EngineRequestError: Int, Error, Hashable, Sendable, CaseIterable {
    /// `transport` is missing or names none that is served.
    case unknownTransport = 0
    /// There is no session of that id.
    case unknownSession = 1
    /// A session is opened with another method than GET.
    case badHandshakeMethod = 2
    /// The request does not fit its session, or is broken.
    case badRequest = 3
    /// The server does not want the client.
    case forbidden = 4
    /// `EIO` names a revision that is not served.
    case unsupportedProtocolVersion = 5

    /// The text of the answer.
    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedProtocolVersion: "Unsupported protocol version"
        }
    }

    /// The HTTP status of the answer to a request that is no WebSocket upgrade (those always get 400).
    public var status: Int { self == .forbidden ? 403 : 400 }

    /// The JSON body of the answer.
    public var body: String { body(message: message) }

    /// The JSON body of the answer with another text.
    public func body(message: String) -> String {
        var escaped = ""
        for scalar in message.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\u{0}"..."\u{1F}":
                escaped += scalar.value < 16 ? "\\u000\(String(scalar.value, radix: 16))" : "\\u00\(String(scalar.value, radix: 16))"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "{\"code\":\(rawValue),\"message\":\"\(escaped)\"}"
    }
}
