import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A gateway to publish to, over HTTP.
struct PublishTarget: ParsableArguments {
    @Option(help: "The gateway. Default: http://127.0.0.1:3011")
    var url: String?

    @Option(help: ArgumentHelp("The file with the service token. Default: service-token in the data folder", valueName: "file"))
    var serviceTokenFile: String?

    @OptionGroup var data: DataDirectory

    /// A publisher that keeps its connection.
    func open() throws -> Publisher {
        let file = Setting.text(serviceTokenFile, "service-token-file").map { URL(filePath: $0) } ?? data.serviceTokenFile
        guard let token = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines), !token.isEmpty else {
            throw ValidationError("no service token in \(file.path); give --service-token-file, or --data-dir of the running `moonx up`")
        }
        let url = try Setting.server(url, "url", default: "http://127.0.0.1:3011")
        return Publisher(url: url + "/api/v1/events", token: token)
    }
}

/// Publishes envelopes with `POST /api/v1/events`.
struct Publisher: Sendable {
    let url: String
    let token: String

    /// Publishes a batch of envelopes, in order.
    ///
    /// - Throws: `PublishFailure` where the gateway refuses any of them or cannot be reached.
    func publish(_ envelopes: [String]) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: envelopes.count == 1 ? envelopes[0] : "[\(envelopes.joined(separator: ","))]"))
        let response: HTTPClientResponse
        do { response = try await ToolHTTP.client.execute(request, timeout: .seconds(30)) } catch {
            throw PublishFailure(description: "cannot reach \(url): \(ToolHTTP.reason(error))")
        }
        let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
        guard response.status == .accepted, !body.contains("\"errors\"") else {
            throw PublishFailure(description: "the gateway answered \(response.status.code): \(body)")
        }
    }
}

/// Why publishing failed, in one line.
struct PublishFailure: Error, CustomStringConvertible {
    let description: String
}
