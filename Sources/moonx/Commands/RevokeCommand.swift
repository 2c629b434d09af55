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
        discussion: """
            Everything issued up to now is refused from now on, and the connections it opened are ended; the user may log in anew.
            The auth service is that of `moonx up` in the same folder, unless --auth-url and --data-dir or --service-token-file say otherwise.

            Examples:
              moonx revoke --user demo-user-0001
              moonx revoke --jti 0b9c6a0e-7a0f-4c53-8d5e-4b6f2d9f1c11 --json

            Status 0: revoked. 1: the auth service refuses or cannot be reached. 64: wrong usage.
            """
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

    @Flag(help: "Print the auth service's answer, a JSON object. Default: off")
    var json = false

    func validate() throws {
        guard (user == nil) != (jti == nil) else { throw ValidationError("give either --user or --jti") }
    }

    func run() async throws {
        let file = Setting.text(serviceTokenFile, "service-token-file").map { URL(filePath: $0) } ?? data.serviceTokenFile
        guard let token = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines) else {
            throw ValidationError("no service token in \(file.path); give --service-token-file, or --data-dir of the running `moonx up`")
        }
        let body = user.map { "{\"userId\":\(JSONString.literal($0))}" } ?? "{\"jti\":\(JSONString.literal(jti ?? ""))}"
        let url = try Setting.server(authUrl, "auth-url", default: "http://127.0.0.1:3001") + "/api/v1/auth/revoke"
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let answer = try await trust.withClient { [request] client in
            let response: HTTPClientResponse
            do { response = try await client.execute(request, timeout: .seconds(10)) } catch {
                throw CommandFailure(description: "cannot reach \(url): \(ConnectionProblem.reason(error))")
            }
            let answer = String(buffer: try await response.body.collect(upTo: 1 << 16))
            guard (200..<300).contains(response.status.code) else {
                throw CommandFailure(description: "the auth service answered \(response.status.code): \(answer)")
            }
            return answer
        }
        print(json ? answer : "revoked: \(user.map { "user \($0)" } ?? "token \(jti ?? "")")")
    }
}
