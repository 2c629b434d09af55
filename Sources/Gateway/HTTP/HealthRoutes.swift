import HTTPTypes
import Hummingbird
import Synchronization

/// Whether the node takes new clients; turned off first when it shuts down.
public final class Readiness: Sendable {
    private let state = Mutex(false)

    /// Not ready.
    public init() {}

    /// Whether the node is ready.
    public var isReady: Bool { state.withLock { $0 } }

    func set(_ isReady: Bool) { state.withLock { $0 = isReady } }
}

/// `GET /health`: the process is alive. `GET /ready`: it takes new clients.
struct HealthRoutes: Sendable {
    let readiness: Readiness

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/health") { _, _ in Response.json(.ok, #"{"status":"ok"}"#) }
        router.get("/ready") { _, _ in
            readiness.isReady ? Response.json(.ok, #"{"status":"ready"}"#) : .json(.serviceUnavailable, #"{"status":"not ready"}"#)
        }
    }
}
