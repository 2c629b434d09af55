import AsyncHTTPClient
public import GatewayDomain
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
import NIOHTTP1

/// Passes `/api/v1/auth/*` on to the auth service, so that a page needs to know one address only.
public struct AuthProxy: Sendable {
    private let url: String
    private let proxies: TrustedProxies
    private let logger: Logger

    /// Requests and answers beyond this are refused, in bytes.
    private static let maximumBody = 64 << 10
    private static let passedHeaders: [HTTPField.Name] = [.authorization, .contentType, .accept, .origin]

    /// A proxy to the service at `url`, given without a path. `proxies` are believed about the address of a client.
    public init(url: String, proxies: TrustedProxies = .none, logger: Logger) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.proxies = proxies
        self.logger = logger
    }

    /// Adds the routes.
    public func add(to router: Router<GatewayRequestContext>) {
        for method: HTTPRequest.Method in [.get, .post, .options] {
            router.on("/api/v1/auth/**", method: method) { request, context in await forward(request, context) }
        }
    }

    private func forward(_ request: Request, _ context: GatewayRequestContext) async -> Response {
        do {
            var outgoing = HTTPClientRequest(url: url + request.uri.description)
            outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
            for name in Self.passedHeaders {
                if let value = request.headers[name] { outgoing.headers.add(name: name.rawName, value: value) }
            }
            // The service limits logins by address; it must be told to trust this one (--trusted-proxies).
            let address = proxies.client(peer: context.peer, fields: request.headers)
            if !address.isEmpty { outgoing.headers.add(name: "x-forwarded-for", value: address) }
            outgoing.body = .bytes(try await request.body.collect(upTo: Self.maximumBody))
            let answer = try await HTTPClient.shared.execute(outgoing, timeout: .seconds(10))
            var headers: HTTPFields = [:]
            for (name, value) in answer.headers {
                guard let name = HTTPField.Name(name), name != .connection, name != .transferEncoding, name != .contentLength else {
                    continue
                }
                headers.append(HTTPField(name: name, value: value))
            }
            let body = try await answer.body.collect(upTo: Self.maximumBody)
            return Response(status: .init(code: Int(answer.status.code)), headers: headers, body: ResponseBody(byteBuffer: body))
        } catch {
            logger.warning("the auth service does not answer", metadata: ["error": "\(error)"])
            return .failure(.badGateway, code: "INTERNAL", message: "the auth service does not answer; try again")
        }
    }
}
