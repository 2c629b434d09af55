import NIOCore
import NIOSSL

/// How a client encrypts its connections to one server.
struct ClientTLS: Sendable {
    private let context: NIOSSLContext
    private let host: String

    /// `nil` where the URL asks for no encryption.
    ///
    /// - Throws: ``SocketIOClientError`` of code ``SocketIOClientError/Code/invalidURL`` where the authorities cannot be read.
    init?(_ url: ServerURL, authorityFile: String?) throws(SocketIOClientError) {
        guard url.isSecure else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if let authorityFile { configuration.trustRoots = .file(authorityFile) }
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw SocketIOClientError(.invalidURL, "the authorities in \(authorityFile ?? "the system's store") cannot be read")
        }
        host = url.host
    }

    /// Adds the encryption to a pipeline that is still empty.
    func add(to channel: any Channel) throws {
        // An address is no name to ask for; it is compared with the certificate all the same.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host))
    }
}
