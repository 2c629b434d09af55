import NIOHTTP1

/// Which web origins may read the server's answers (<https://fetch.spec.whatwg.org/#http-cors-protocol>).
public struct CORSPolicy: Sendable {
    /// Decides on one value of the `Origin` header.
    public var allows: @Sendable (_ origin: String) -> Bool

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
        headers.add(name: "access-control-allow-credentials", value: "true")
    }

    /// The headers of the answer to a preflight request.
    func preflight(origin: String?, requestedHeaders: String?) -> HTTPHeaders {
        var headers = HTTPHeaders()
        apply(origin: origin, to: &headers)
        headers.add(name: "access-control-allow-methods", value: "GET,HEAD,PUT,PATCH,POST,DELETE")
        if let requestedHeaders { headers.add(name: "access-control-allow-headers", value: requestedHeaders) }
        headers.add(name: "content-length", value: "0")
        return headers
    }
}
