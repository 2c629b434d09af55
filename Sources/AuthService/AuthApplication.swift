import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The auth service as a server of its own.
public enum AuthApplication {
    /// The request context of the server: it knows the peer's address.
    public struct Context: RequestContext {
        /// See `RequestContext`.
        public var coreContext: CoreRequestContextStorage
        /// The address at the other end of the connection, which may be a proxy's.
        public let peer: SocketAddress?

        /// See `RequestContext`.
        public init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
            self.peer = source.channel.remoteAddress
        }
    }

    /// A Hummingbird application, which is a `Service`: run it in a `ServiceGroup`.
    ///
    /// - Parameters:
    ///   - parts: what to serve.
    ///   - host: the address to listen on.
    ///   - port: the port; 0 takes a free one.
    ///   - server: how connections are served: TLS, for example; plain HTTP by default, closed after 10 s without a request.
    ///   - logger: for requests that fail inside.
    ///   - clientAddress: from which address a request comes, given its headers and the peer; by default the peer's IP address, headers
    ///     unseen.
    ///   - onListening: called with the port once connections are taken.
    public static func make(
        parts: AuthParts,
        host: String,
        port: Int,
        server: HTTPServerBuilder = .http1(configuration: .init(idleTimeout: .seconds(10))),
        logger: Logger,
        clientAddress: @escaping @Sendable (HTTPFields, SocketAddress?) -> String? = { _, peer in peer?.ipAddress },
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let router = Router(context: Context.self)
        router.add(middleware: CORSHeadersMiddleware(origins: parts.configuration.allowedOrigins))
        // Once more, outside the routes, for paths that are none.
        router.add(middleware: AuthErrorMiddleware())
        let routes = AuthRoutes<Context>(parts: parts) { request, context in clientAddress(request.headers, context.peer) }
        routes.add(to: router)
        routes.addHealth(to: router)
        routes.addMetrics(to: router)
        return Application(
            router: router,
            server: server,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger
        )
    }
}
