import HummingbirdCore
import HummingbirdTLS
import NIOSSL

extension HTTPServerBuilder {
    /// HTTP/1.1, encrypted where there is a certificate.
    static func http1(_ certificate: ServerCertificate?) throws -> HTTPServerBuilder {
        guard let certificate else { return .http1() }
        return try .tls(tlsConfiguration: certificate.configuration)
    }
}
