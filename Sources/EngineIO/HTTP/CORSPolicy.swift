public import NIOHTTP1

/// Which web origins may read the server's answers (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
public struct CORSPolicy: Sendable {
    /// Decides on one value of the `Origin` header.
    public var allows: @Sendable (_ origin: String) -> Bool
    /// Whether pages may send cookies and other credentials.
    public var allowsCredentials = true
    /// The methods that a preflight request is told.
    public var methods = "GET,HEAD,PUT,PATCH,POST,DELETE"
    /// The request headers that a page may set; `nil`: whichever it asks for.
    public var allowedHeaders: [String]?
    /// The answer's headers that a page may read beside those it always may.
    public var exposedHeaders: [String] = []
    /// How long a browser may keep the answer to a preflight request; `nil`: its own default.
    public var maxAge: Duration?
    /// The status of the answer to a preflight request: 204, or 200 for browsers that choke on it.
    public var preflightStatus = HTTPResponseStatus.noContent

    /// A policy of your own.
    public init(allows: @escaping @Sendable (_ origin: String) -> Bool) {
        self.allows = allows
    }

    /// No cross-origin access.
    public static let none = CORSPolicy { _ in false }
    /// Every origin, with credentials.
    public static let any = CORSPolicy { _ in true }
    /// `http` and `https` origins whose host is `localhost`, `127.0.0.1` or `[::1]`, on any port.
    public static let localhost = CORSPolicy { origin in
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            let rest = origin.dropFirst(scheme.count)
            for host in ["localhost", "127.0.0.1", "[::1]"] where rest.hasPrefix(host) {
                let port = rest.dropFirst(host.count)
                if port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()) != nil && port.dropFirst().first != "+") { return true }
            }
        }
        return false
    }

    /// Exactly these origins.
    public static func origins(_ origins: Set<String>) -> CORSPolicy {
        CORSPolicy { origins.contains($0) }
    }

    /// Adds what the browser needs to hand the answer to a page of `origin`.
    func apply(origin: String?, to headers: inout HTTPHeaders) {
        headers.add(name: "vary", value: "Origin")
        guard let origin, allows(origin) else { return }
        headers.add(name: "access-control-allow-origin", value: origin)
        if allowsCredentials { headers.add(name: "access-control-allow-credentials", value: "true") }
        if !exposedHeaders.isEmpty { headers.add(name: "access-control-expose-headers", value: exposedHeaders.joined(separator: ",")) }
    }

    /// The headers of the answer to a preflight request.
    func preflight(origin: String?, requestedHeaders: String?) -> HTTPHeaders {
        var headers = HTTPHeaders()
        apply(origin: origin, to: &headers)
        headers.add(name: "access-control-allow-methods", value: methods)
        if let allowedHeaders {
            headers.add(name: "access-control-allow-headers", value: allowedHeaders.joined(separator: ","))
        } else {
            headers.add(name: "vary", value: "Access-Control-Request-Headers")
            if let requestedHeaders { headers.add(name: "access-control-allow-headers", value: requestedHeaders) }
        }
        if let maxAge { headers.add(name: "access-control-max-age", value: String(maxAge.components.seconds)) }
        headers.add(name: "content-length", value: "0")
        return headers
    }
}
