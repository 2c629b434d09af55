import HTTPTypes
import Hummingbird
import Synchronization

/// Whether the node takes new clients: it serves, and hears the bus between nodes where there is one.
public final class Readiness: Sendable {
    private struct State {
        var isServing = false
        var isHearing = true
    }

    private let state = Mutex(State())

    /// Not ready.
    public init() {}

    /// Whether the node is ready.
    public var isReady: Bool { state.withLock { $0.isServing && $0.isHearing } }

    /// Turned on when the node listens for clients, and off first when it shuts down.
    func set(_ isServing: Bool) { state.withLock { $0.isServing = isServing } }

    /// Turned off while what is published does not reach the node.
    func setHearing(_ isHearing: Bool) { state.withLock { $0.isHearing = isHearing } }
}

/// `GET /health`: the process is alive. `GET /ready`: it takes new clients.
struct HealthRoutes: Sendable {
    let readiness: Readiness

    func add(to router: Router<GatewayRequestContext>) {
        // `HEAD` is how some load balancers ask.
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/health", method: method) { _, _ in Response.json(.ok, #"{"status":"ok"}"#) }
            router.on("/ready", method: method) { _, _ in
                readiness.isReady ? Response.json(.ok, #"{"status":"ready"}"#) : .json(.serviceUnavailable, #"{"status":"not ready"}"#)
            }
        }
    }
}
