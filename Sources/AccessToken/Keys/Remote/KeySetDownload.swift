import AsyncHTTPClient
import Foundation
import GatewayDomain
import NIOCore
import NIOHTTP1

/// Gets a key set over HTTP: bounded in time and size, no redirects.
enum KeySetDownload {
    /// Why there is no document.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The body of the answer.
    ///
    /// - Throws: ``Failure``, or what the client and the network say.
    static func get(_ url: URL, rules: RemoteKeySetRules) async throws -> [UInt8] {
        // A redirect would let whoever answers for one address choose another.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        let limit = TimeAmount(rules.timeout)
        configuration.timeout.connect = limit
        // A client for each fetch: they are minutes apart, so a connection kept open would serve nobody.
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            // The client's own limit ends with the head of the answer.
            try await within(rules.timeout) {
                var request = HTTPClientRequest(url: url.absoluteString)
                request.headers.add(name: "accept", value: "application/jwk-set+json, application/json")
                let response = try await client.execute(request, timeout: limit)
                guard response.status == .ok else { throw Failure(description: "the answer is \(response.status.code), not 200") }
                do {
                    return Array(buffer: try await response.body.collect(upTo: rules.maximumSize))
                } catch is NIOTooManyBytesError {
                    throw Failure(description: "the document has more than \(rules.maximumSize) bytes")
                }
            }
        }
    }

    /// The URL as it may be logged: without credentials and query.
    static func shownName(of url: URL) -> String {
        var components = URLComponents(url: url, resolvingAgainstBaseURL: true)
        components?.user = nil
        components?.password = nil
        components?.query = nil
        components?.fragment = nil
        return components?.string ?? "the given URL"
    }
}
