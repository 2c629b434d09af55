import AsyncHTTPClient
public import GatewayDomain
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Passes `/api/v1/auth/*` on to the auth service, so that a page needs to know one address only.
public final class AuthProxy: Sendable {
    private let url: String
    private let proxies: TrustedProxies
    private let logger: Logger
    private let logins = Mutex(PassedLogins())
    private let warnings = Mutex(LogThrottle())

    /// Requests and answers beyond this are refused, in bytes.
    private static let maximumBody = LongBodies.maximumElsewhere
    /// How long the service may take for an answer.
    private static let patience = Duration.seconds(10)
    /// Not `Origin`: which pages may read an answer the gateway says itself, and said twice it is understood by none.
    private static let passedHeaders: [HTTPField.Name] = [.authorization, .contentType, .accept]

    /// A proxy to the service at `url`, given without a path. `proxies` are believed about the address of a client.
    public init(url: String, proxies: TrustedProxies = .none, logger: Logger) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.proxies = proxies
        self.logger = logger
    }

    /// Adds the routes.
    public func add(to router: Router<GatewayRequestContext>) {
        for method: HTTPRequest.Method in [.get, .post, .options] {
            router.on("/api/v1/auth/**", method: method) { request, context in await self.forward(request, context) }
        }
    }

    /// What has been counted, in the Prometheus text format, version 0.0.4, under the names that the service has where it runs in this process.
    public var metrics: String {
        let logins = self.logins.withLock { $0 }
        var text = PrometheusText()
        text.counter("moonx_logins_failed_total", "Logins and refreshes with credentials that were not good.", logins.failed)
        text.counter("moonx_logins_refused_total", "Those not tried, because their address had failed too often.", logins.refused)
        text.counter(
            "moonx_auth_unanswered_total",
            "Requests that the auth service has not answered, or with status 5xx.",
            logins.unanswered
        )
        return text.text
    }

    private func forward(_ request: Request, _ context: GatewayRequestContext) async -> Response {
        let sent: ByteBuffer
        do { sent = try await request.body.collect(upTo: Self.maximumBody) } catch {
            let message = "the body may have at most \(Self.maximumBody) bytes"
            return .failure(.contentTooLarge, code: "INVALID_MESSAGE", message: message)
        }
        do {
            // The target may be a whole URL, with the gateway's own address.
            let query = request.uri.query.map { "?\($0)" } ?? ""
            var outgoing = HTTPClientRequest(url: url + request.uri.path + query)
            outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
            for name in Self.passedHeaders {
                if let value = request.headers[name] { outgoing.headers.add(name: name.rawName, value: value) }
            }
            // The service limits logins by address; it must be told to trust this one (--trusted-proxies).
            let address = proxies.client(peer: context.peer, fields: request.headers)
            if !address.isEmpty { outgoing.headers.add(name: "x-forwarded-for", value: address) }
            // The service closes connections that are idle, and a request that met that end would fail. Logins are not so many.
            outgoing.headers.add(name: "connection", value: "close")
            outgoing.body = .bytes(sent)
            let (answer, body) = try await within(Self.patience) { [outgoing] in
                let answer = try await HTTPClient.shared.execute(outgoing, timeout: TimeAmount(Self.patience))
                return (answer, try await answer.body.collect(upTo: Self.maximumBody))
            }
            var headers: HTTPFields = [:]
            for (name, value) in answer.headers {
                guard let name = HTTPField.Name(name), name != .connection, name != .transferEncoding, name != .contentLength else {
                    continue
                }
                headers.append(HTTPField(name: name, value: value))
            }
            let status = Int(answer.status.code)
            logins.withLock { $0.answered(path: request.uri.path, status: status, body: body.readableBytesView) }
            return Response(status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: body))
        } catch {
            notAnswered(error)
            return .failure(.badGateway, code: "INTERNAL", message: "the auth service does not answer; try again")
        }
    }

    /// Counts each, and says so in the log once a second at most.
    private func notAnswered(_ error: any Error) {
        logins.withLock { $0.notAnswered() }
        let now = Duration.nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds))
        guard let count = warnings.withLock({ $0.admit(now: now) }) else { return }
        logger.warning("the auth service does not answer", metadata: ["count": "\(count)", "last": "\(error)"])
    }
}
