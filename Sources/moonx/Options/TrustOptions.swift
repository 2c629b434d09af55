import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOSSL

/// Whose word a tool takes for the certificate of the server that it speaks to.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A PEM file with the authority that signed the server's certificate, for https URLs. Default: those of the system",
            valueName: "file"
        )
    )
    var caFile: String?

    /// The file, if one is set.
    func file() throws -> String? {
        guard let file = Setting.text(caFile, "ca-file") else { return nil }
        guard FileManager.default.isReadableFile(atPath: file) else { throw ValidationError("--ca-file \(file) cannot be read") }
        return file
    }

    /// Calls `body` with a client that trusts it.
    func withClient<Result>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = try file() { tls.trustRoots = .file(file) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        // A certificate that is not trusted is so at the next attempt too.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}
