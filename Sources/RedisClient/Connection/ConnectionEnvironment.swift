import Logging
import NIOCore
import NIOSSL

/// What all connections of a client have in common.
struct ConnectionEnvironment: Sendable {
    private(set) var configuration: RedisConfiguration
    let tls: NIOSSLContext?
    let eventLoop: any EventLoop
    let logger: Logger

    init(_ configuration: RedisConfiguration, eventLoop: any EventLoop, logger: Logger) throws(RedisError) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.tls = try configuration.tls.map { settings throws(RedisError) in try settings.makeContext() }
    }

    /// The same for these servers. Certificates are not read again: they need not be there any more.
    func with(addresses: [RedisAddress]) -> ConnectionEnvironment {
        var other = self
        other.configuration.addresses = addresses
        return other
    }
}

extension RedisTLS {
    fileprivate func makeContext() throws(RedisError) -> NIOSSLContext {
        do {
            var settings = TLSConfiguration.makeClientConfiguration()
            settings.certificateVerification = .fullVerification
            if let certificateAuthorityFile {
                // Read here: NIOSSL would say no more than that it failed.
                settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificateAuthorityFile))
            }
            if let certificateFile, let privateKeyFile {
                settings.certificateChain = try NIOSSLCertificate.fromPEMFile(certificateFile).map { .certificate($0) }
                settings.privateKey = .privateKey(try NIOSSLPrivateKey(file: privateKeyFile, format: .pem))
            }
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw RedisError(
                .configuration,
                "the certificates for Redis cannot be read: check the files behind ca, cert and key in the URL",
                underlying: error
            )
        }
    }
}
