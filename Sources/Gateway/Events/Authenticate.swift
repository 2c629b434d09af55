import AccessToken
import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// `authenticate {token}` → `authenticated {user}`, or `auth_error {error, code}`: a new token on a live connection, whose
/// rooms are looked at again.
struct Authenticate: ClientEvent {
    static let name = "authenticate"
    let authenticator: HandshakeAuthenticator
    let expiry: TokenExpiry
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        guard let token = try call.payload().string("token") else { throw .invalid("`token` must be a string") }
        Task {
            let result: Result<Identity, GatewayError>
            do throws(GatewayError) { result = .success(try await authenticator.identity(of: token)) } catch { result = .failure(error) }
            call.socket.eventLoop.execute { finish(call, result) }
        }
    }

    private func finish(_ call: ClientCall, _ result: Result<Identity, GatewayError>) {
        guard call.socket.connected else { return }
        switch result {
        case .success(let identity) where identity.isRevoked():
            refuse(call, GatewayError(.authFailed, "the token has been revoked; log in again"))
        case .success(let identity) where identity.principal.userID == call.session.principal.userID:
            let principal = identity.principal
            call.session.principal = principal
            call.session.hasExpired = false
            expiry.watch(call.socket, call.session)
            call.confirm("authenticated", members: "\"user\":\(principal.userJSON)")
            rooms.review(call.socket, principal)
        case .success:
            refuse(call, GatewayError(.authFailed, "the token is another user's; disconnect and connect anew to change the user"))
        case .failure(let error):
            refuse(call, error)
        }
    }

    private func refuse(_ call: ClientCall, _ error: GatewayError) {
        call.counters.count(error.code)
        call.ack?.send(json: "{\"ok\":false,\(error.members)}")
        call.socket.emit("auth_error", json: "{\"error\":\(JSONString.literal(error.message)),\"code\":\"\(error.code.rawValue)\"}")
    }
}
