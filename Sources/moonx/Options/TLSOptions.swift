import ArgumentParser
import Logging

/// The certificate of a service.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A PEM file with the certificate and those it is signed by, in order: the ports then speak HTTPS and WSS. Default: none",
            valueName: "file"
        )
    )
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("The PEM file with the key of --tls-certificate. Default: none", valueName: "file"))
    var tlsKey: String?

    /// The certificate; `nil` where connections are plain.
    func certificate() throws -> ServerCertificate? {
        switch (Setting.text(tlsCertificate, "tls-certificate"), Setting.text(tlsKey, "tls-key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try ServerCertificate(certificateFile: certificate, keyFile: key)
        default: throw ValidationError("--tls-certificate and --tls-key go together")
        }
    }

    /// The certificate, which is kept as its files are; `nil` where connections are plain. To be asked for before anything that takes time:
    /// without it SIGHUP ends the process.
    func refreshedCertificate(logger: Logger) async throws -> CertificateRefreshService? {
        guard let certificate = try certificate() else { return nil }
        return await CertificateRefreshService(certificate: certificate, logger: logger)
    }
}
