import Foundation
import GatewayDomain
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the bodies of requests.
enum RequestBodies {
    /// The largest body read, in bytes.
    static let maximumSize = 16 * 1024
    /// How long a body may take to come whole.
    static let patience = Duration.seconds(10)

    /// The JSON body, or `nil` where it is empty. `expected` shows the client how it should look.
    ///
    /// - Throws: ``AuthFailure`` with code `invalidMessage`; Hummingbird's 413 for bodies over ``maximumSize``, 408 for those that take longer
    ///   than ``patience``.
    static func readIfPresent<Body: Decodable>(_ type: Body.Type, from request: Request, expected: String) async throws -> Body? {
        let bytes: ByteBuffer
        do {
            bytes = try await within(patience) { [body = request.body] in try await body.collect(upTo: maximumSize) }
        } catch is DeadlineError {
            throw HTTPError(.requestTimeout)
        }
        guard bytes.readableBytes > 0 else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes.readableBytesView))
        } catch {
            throw AuthFailure(.invalidMessage, "The body must be JSON like \(expected).")
        }
    }

    /// The JSON body; otherwise as `readIfPresent`, and an empty body is an error too.
    static func read<Body: Decodable>(_ type: Body.Type, from request: Request, expected: String) async throws -> Body {
        guard let body = try await readIfPresent(type, from: request, expected: expected) else {
            throw AuthFailure(.invalidMessage, "The body is empty; it must be JSON like \(expected).")
        }
        return body
    }
}

extension Request {
    /// What stands after `Bearer` in `Authorization`, or `nil` without such a header. The scheme's case does not matter.
    var bearerToken: String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].trimmingCharacters(in: .whitespaces)
        return token.isEmpty ? nil : token
    }
}
