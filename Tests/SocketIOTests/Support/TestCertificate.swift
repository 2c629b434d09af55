import Foundation
import NIOSSL

/// A certificate of its own authority for `localhost` and 127.0.0.1, good for a hundred years and for nothing but tests.
enum TestCertificate {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnTCCAUOgAwIBAgIUdSzoYRyG1MV3SEQA0M55duvJpOkwCgYIKoZIzj0EAwIw
        FTETMBEGA1UEAwwKbW9vbnggdGVzdDAgFw0yNjExMjYxODM0MTdaGA8yMTI2MTEw
        MjE4MzQxN1owFTETMBEGA1UEAwwKbW9vbnggdGVzdDBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABPzbfF/OagsvHRjhIu+Sxm+4sKJfQxkDiHpI9JU/KpSA4GqfEwsB
        R1db4ti1EiGyuCKsUnC/Y5SP5dT6K97xjyCjbzBtMB0GA1UdDgQWBBS1gKgjRrls
        LBRVpSvpu/siy5hzkTAfBgNVHSMEGDAWgBS1gKgjRrlsLBRVpSvpu/siy5hzkTAP
        BgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAKBggq
        hkjOPQQDAgNIADBFAiEAoAHGhnUNy0WdeCNUHPk1dt40O8NzrRUFk3nV5/5U2y4C
        IH3GWQJ6OUOSvFh4igMeIv72c6Ek9UPDLYwi7N8jbam9
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgT8Qno/PktU1dyztj
        OBHAMQQ/aTdvRVzp1lXSFKGiyYOhRANCAAT823xfzmoLLx0Y4SLvksZvuLCiX0MZ
        A4h6SPSVPyqUgOBqnxMLAUdXW+LYtRIhsrgirFJwv2OUj+XU+ive8Y8g
        -----END PRIVATE KEY-----
        """

    static func makeContext() throws -> NIOSSLContext {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        return try NIOSSLContext(configuration: configuration)
    }

    /// Calls `body` with a file that holds the certificate, for clients that are to trust it.
    static func withAuthorityFile(_ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(certificate.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }
}
