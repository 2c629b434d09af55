import AccessToken
import Gateway
import GatewayDomain
import Synchronization

/// Lets the auth service end live connections of the gateway in the same process, which is made after it.
final class GatewayLink: Sendable {
    private let gateway = Mutex<GatewayServer?>(nil)

    func connect(_ gateway: GatewayServer) {
        self.gateway.withLock { $0 = gateway }
    }

    func revoked(_ revocation: Revocation) {
        gateway.withLock { $0 }?.disconnect { $0.isEnded(by: revocation) }
    }
}
