import ArgumentParser
import AsyncHTTPClient
import Foundation
import JSONScan
import NIOCore
import NIOHTTP1

/// `moonx revoke`: ends the sessions of a user, or of one token, at the running auth service.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a user's tokens, or one token; live connections end.",
        discussion: "Example: moonx revoke --user 5f0c2b1e-alice"
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var data: DataDirectory
    @OptionGroup var trust: TrustOptions

    @Option(help: "The user's id.")
    var user: String?

    @Option(help: "The token's id (`jti`).")
    var jti: String?

    @Option(help: "The auth service. Default: http://127.0.0.1:3001")
    var authUrl: String?

    @Option(help: ArgumentHelp("The file with the service token. Default: service-token in the data folder", valueName: "file"))
    var serviceTokenFile: String?

    func validate() throws {
        guard (user == nil) != (jti == nil) else { throw ValidationError("give either --user or --jti") }
    }

    func run() async throws {
        let file = Setting.text(serviceTokenFile, "service-token-file").map { URL(filePath: $0) } ?? data.serviceTokenFile
        guard let token = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines) else {
            throw ValidationError("no service token in \(file.path)")
        }
        let body = user.map { "{\"userId\":\(JSONString.literal($0))}" } ?? "{\"jti\":\(JSONString.literal(jti ?? ""))}"
        var request = HTTPClientRequest(url: (Setting.text(authUrl, "auth-url") ?? "http://127.0.0.1:3001") + "/api/v1/auth/revoke")
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        try await trust.withClient { [request] client in
            let response = try await client.execute(request, timeout: .seconds(10))
            let answer = String(buffer: try await response.body.collect(upTo: 1 << 16))
            guard (200..<300).contains(response.status.code) else {
                throw PublishFailure(description: "the auth service answered \(response.status.code): \(answer)")
            }
            print(answer)
        }
    }
}
