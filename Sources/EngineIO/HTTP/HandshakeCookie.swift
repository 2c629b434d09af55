import EngineIOCore

/// A cookie (RFC 6265) with the session's id, sent with the answer that opens a polling session: a load balancer can so bring all requests of
/// a session to one server. The defaults are the reference server's.
public struct HandshakeCookie: Hashable, Sendable {
    /// When a browser sends a cookie with requests that come from other sites.
    public enum SameSite: String, Hashable, Sendable {
        /// Never.
        case strict = "Strict"
        /// When the user follows a link to this site.
        case lax = "Lax"
        /// Always; browsers then demand ``HandshakeCookie/isSecure``.
        case none = "None"
    }

    /// The name: a token (RFC 9110, section 5.6.2).
    public var name = "io"
    /// How long the cookie lives, in whole seconds; `nil`: as long as the browser.
    public var maxAge: Duration?
    /// The domain; `nil`: the host of the request alone.
    public var domain: String?
    /// The path.
    public var path: String? = "/"
    /// Whether scripts may not read it.
    public var isHTTPOnly = true
    /// Whether it is sent over TLS only.
    public var isSecure = false
    /// Whether other sites' requests carry it.
    public var sameSite: SameSite? = .lax

    /// The defaults.
    public init() {}

    /// The value of `Set-Cookie`.
    func header(_ sid: SessionID) -> String {
        var header = "\(name)=\(sid)"
        if let maxAge { header += "; Max-Age=\(maxAge.components.seconds)" }
        if let domain { header += "; Domain=\(domain)" }
        if let path { header += "; Path=\(path)" }
        if isHTTPOnly { header += "; HttpOnly" }
        if isSecure { header += "; Secure" }
        if let sameSite { header += "; SameSite=\(sameSite.rawValue)" }
        return header
    }
}
