import AccessToken
import ServiceLifecycle

/// Keeps fetched keys fresh until the process is asked to stop.
struct KeyRefreshService: Service {
    let keys: RemoteKeySet

    func run() async throws {
        await cancelWhenGracefulShutdown { await keys.run() }
    }
}
