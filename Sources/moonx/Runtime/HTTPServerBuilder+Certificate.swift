import AuthService
import HummingbirdCore
import HummingbirdTLS
import NIOSSL

extension HTTPServerBuilder {
    /// HTTP/1.1, encrypted where there is a certificate, for clients that nobody knows: who is too slow is closed, and counted.
    static func http1(
        _ certificate: ServerCertificate?,
        limits: ListenerLimits = ListenerLimits(),
        timeouts: ListenerTimeouts
    ) throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder { responder in BoundedHTTPChannel(responder: responder, limits: limits, timeouts: timeouts) }
        guard let certificate else { return plain }
        return try .tls(plain, tlsConfiguration: certificate.configuration)
    }
}
