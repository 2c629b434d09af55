/// The address of a server: `http://host[:port][/path][?query]`, or the same with `ws`, `https` or `wss`.
public struct ServerURL: Hashable, Sendable {
    /// The host, without the brackets of an IPv6 address.
    public let host: String
    /// Whether connections are encrypted: `https` and `wss`.
    public let isSecure: Bool
    /// The port; 80 or, encrypted, 443 where the text names none.
    public let port: Int
    /// Path and query as they stand in a request line; `/` where the text has none.
    public let target: String

    /// Reads an absolute URL.
    ///
    /// - Throws: ``SocketIOClientError`` with the code ``SocketIOClientError/Code/invalidURL``.
    public init(_ text: String) throws(SocketIOClientError) {
        let invalid = SocketIOClientError(.invalidURL, "not an http, https, ws or wss URL: \(text)")
        guard let separator = text.firstRange(of: "://") else { throw invalid }
        let scheme = text[..<separator.lowerBound].lowercased()
        isSecure = scheme == "https" || scheme == "wss"
        guard isSecure || scheme == "http" || scheme == "ws" else { throw invalid }
        let rest = text[separator.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        guard !authority.contains("@"), target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw invalid }
        self.target = target.hasPrefix("/") ? String(target) : "/" + target

        var host = authority
        var port: Int? = isSecure ? 443 : 80
        let bracket = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            host = authority[..<colon]
            port = Int(authority[authority.index(after: colon)...])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let port, (1...65_535).contains(port), !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw invalid }
        self.host = String(host)
        self.port = port
    }

    /// What the `Host` header says.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
