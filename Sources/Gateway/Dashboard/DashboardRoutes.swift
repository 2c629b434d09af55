import HTTPTypes
import Hummingbird
import NIOCore

/// Serves the live dashboard: `/` and `/dashboard/<file>`, out of the binary.
struct DashboardRoutes: Sendable {
    /// Nothing is loaded from elsewhere, nothing runs that is not a file of ours.
    private static let policy =
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in Self.response(DashboardAssets.file("index.html")) }
        router.get("/dashboard/:file") { _, context in Self.response(context.parameters.get("file").flatMap(DashboardAssets.file)) }
    }

    private static func response(_ file: DashboardAssets.File?) -> Response {
        guard let file else { return .failure(.notFound, code: "NOT_FOUND", message: "there is no such file") }
        var headers: HTTPFields = [.contentType: file.contentType, .cacheControl: "no-cache"]
        headers[.contentSecurityPolicy] = policy
        headers[.xContentTypeOptions] = "nosniff"
        // A page that is isolated may share memory with a worker: that is how the slow client stops reading.
        headers[HTTPField.Name("Cross-Origin-Opener-Policy")!] = "same-origin"
        headers[HTTPField.Name("Cross-Origin-Embedder-Policy")!] = "require-corp"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }
}
