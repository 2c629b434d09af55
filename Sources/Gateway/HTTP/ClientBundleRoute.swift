import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Serves the official browser client where the Node server does: `/socket.io/socket.io.js` and `/socket.io/socket.io.min.js`.
struct ClientBundleRoute: Sendable {
    /// The bundle; `nil` where none is configured.
    private let bundle: ByteBuffer?

    /// - Throws: Where `file` is named but cannot be read.
    init(file: String?) throws {
        bundle = try file.map { ByteBuffer(bytes: try Data(contentsOf: URL(filePath: $0))) }
    }

    func add(to router: Router<GatewayRequestContext>) {
        for path in ["/socket.io/socket.io.js", "/socket.io/socket.io.min.js"] {
            router.get(RouterPath(path)) { _, _ in
                guard let bundle else {
                    return Response.failure(
                        .notFound,
                        code: "NOT_FOUND",
                        message: "no client bundle is configured; give --client-bundle socket.io.min.js, or use `make run`, which gets it"
                    )
                }
                return Response(
                    status: .ok,
                    headers: [.contentType: "application/javascript; charset=utf-8", .cacheControl: "no-cache"],
                    body: ResponseBody(byteBuffer: bundle)
                )
            }
        }
    }
}
