import ArgumentParser
import AsyncHTTPClient
import Foundation
import Gateway
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RedisClient

/// Where to publish to: a gateway, over HTTP, or the Redis that gateways share.
struct PublishTarget: ParsableArguments {
    @Option(help: "The gateway. Default: http://127.0.0.1:3011")
    var url: String?

    @Option(help: ArgumentHelp("The file with the service token. Default: service-token in the data folder", valueName: "file"))
    var serviceTokenFile: String?

    @OptionGroup var data: DataDirectory
    @OptionGroup var trust: TrustOptions
    @OptionGroup var redis: RedisOptions

    func validate() throws {
        guard url == nil || redis.redis == nil else { throw ValidationError("give either --url or --redis") }
    }

    /// Calls `body` with a publisher that keeps its connection: to Redis where `--redis` says so, or one is configured and no gateway is named.
    func withPublisher(_ body: (any Publishing) async throws -> Void) async throws {
        // The flag comes before a variable that names a gateway.
        if redis.redis != nil || Setting.text(url, "url") == nil {
            let logger = Logger(label: "publish") { _ in SwiftLogNoOpLogHandler() }
            if let client = try await redis.connect(group: MultiThreadedEventLoopGroup.singleton, logger: logger) {
                return try await body(BusPublisher(bus: RedisPublisher(client: client)))
            }
        }
        let file = Setting.text(serviceTokenFile, "service-token-file").map { URL(filePath: $0) } ?? data.serviceTokenFile
        guard let token = try? String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .newlines), !token.isEmpty else {
            throw ValidationError("no service token in \(file.path); give --service-token-file, or --data-dir of the running `moonx up`")
        }
        let url = try Setting.server(url, "url", default: "http://127.0.0.1:3011")
        try await trust.withClient { client in try await body(Publisher(url: url + "/api/v1/events", token: token, client: client)) }
    }
}

/// Publishes envelopes.
protocol Publishing: Sendable {
    /// Publishes a batch of envelopes, in order.
    ///
    /// - Throws: `PublishFailure` where any of them is refused or cannot be handed over.
    func publish(_ envelopes: [String]) async throws
}

/// Publishes envelopes to all gateways on a Redis.
struct BusPublisher: Publishing {
    let bus: RedisPublisher

    func publish(_ envelopes: [String]) async throws {
        do {
            try await bus.publish(try envelopes.map { text throws(EnvelopeError) in try Envelope(json: Array(text.utf8)) })
        } catch {
            throw PublishFailure(description: "\(error)", isRefusal: error is EnvelopeError)
        }
    }
}

/// Publishes envelopes with `POST /api/v1/events`.
struct Publisher: Publishing {
    let url: String
    let token: String
    let client: HTTPClient

    func publish(_ envelopes: [String]) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: envelopes.count == 1 ? envelopes[0] : "[\(envelopes.joined(separator: ","))]"))
        let response: HTTPClientResponse
        do { response = try await client.execute(request, timeout: .seconds(30)) } catch {
            throw PublishFailure(description: "cannot reach \(url): \(ConnectionProblem.reason(error))")
        }
        let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
        guard response.status == .accepted, !body.contains("\"errors\"") else {
            let refusals: [HTTPResponseStatus] = [.accepted, .badRequest, .payloadTooLarge]
            let isRefusal = refusals.contains(response.status)
            throw PublishFailure(description: "the gateway answered \(response.status.code): \(body)", isRefusal: isRefusal)
        }
    }
}

/// Why publishing failed, in one line.
struct PublishFailure: Error, CustomStringConvertible {
    let description: String
    /// Whether it is about these envelopes, so that others may be published.
    var isRefusal = false
}
