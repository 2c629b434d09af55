import HummingbirdCore
import HummingbirdTLS
import NIOSSL

extension HTTPServerBuilder {
    /// HTTP/1.1, encrypted where there is a certificate, for clients that nobody knows: who is too slow is closed.
    static func http1(_ certificate: ServerCertificate?, limits: ListenerLimits = ListenerLimits()) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder { responder in BoundedHTTPChannel(responder: responder, limits: limits) }
        guard let certificate else { return plain }
        return try .tls(plain, tlsConfiguration: certificate.configuration)
    }
}
