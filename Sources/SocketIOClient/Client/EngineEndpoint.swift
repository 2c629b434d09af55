import EngineIOCore

/// Where requests of one client go.
struct EngineEndpoint: Sendable {
    let server: ServerURL
    let options: SocketIOClientOptions
    let tls: ClientTLS?

    /// - Throws: ``SocketIOClientError`` where the URL has a path of its own: paths name namespaces in other clients.
    ///   Also where the authorities cannot be read.
    init(server: ServerURL, options: SocketIOClientOptions) throws(SocketIOClientError) {
        guard server.target == "/" else {
            throw SocketIOClientError(.invalidURL, "give the namespace and the path by parameter, not as \(server.target)")
        }
        self.server = server
        self.options = options
        self.tls = try ClientTLS(server, authorityFile: options.certificateAuthorityFile)
    }

    /// The path and query of a request.
    func target(_ transport: TransportKind, sid: String? = nil) -> String {
        var target = "\(options.path)?EIO=4&transport=\(transport.rawValue)"
        if let sid { target += "&sid=\(sid)" }
        if !options.query.isEmpty { target += "&\(options.query)" }
        return target
    }

    func url(_ transport: TransportKind) throws(SocketIOClientError) -> ServerURL {
        try ServerURL("\(server.isSecure ? "https" : "http")://\(server.authority)\(target(transport))")
    }
}
