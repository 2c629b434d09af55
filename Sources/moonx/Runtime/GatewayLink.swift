import AccessToken
import Gateway
import GatewayDomain
import Synchronization

/// Lets what is made before the gateway of the same process reach it: the auth service ends live connections, demonstration accounts publish.
final class GatewayLink: Sendable {
    private let gateway = Mutex<GatewayServer?>(nil)

    func connect(_ gateway: GatewayServer) {
        self.gateway.withLock { $0 = gateway }
    }

    /// Whether the user has a connection; `false` as long as there is no gateway.
    func isHere(_ user: UserID) async -> Bool {
        await gateway.withLock { $0 }?.isHere(user) ?? false
    }

    /// Publishes one envelope; lost where there is no gateway yet.
    func publish(_ envelope: String) async throws {
        try await gateway.withLock { $0 }?.publish(json: envelope)
    }

    func revoked(_ revocation: Revocation) {
        gateway.withLock { $0 }?.revoked(revocation)
    }
}
