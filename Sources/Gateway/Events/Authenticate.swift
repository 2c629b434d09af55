import AccessToken
import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// `authenticate {token}` → `authenticated {user}`, or `auth_error {error, code}`: a new token on a live connection, whose
/// rooms are looked at again.
///
/// Verification takes its time off the loop, and tokens may overtake each other there. They are answered, and take effect, in the order in
/// which the client sent them: the last one sent is the one in force.
struct Authenticate: ClientEvent {
    static let name = "authenticate"
    /// Tokens of one connection that are verified at a time: a signature is the dearest thing that a client can ask for.
    static let maximumPending = 8

    let authenticator: HandshakeAuthenticator
    let expiry: TokenExpiry
    let rooms: RoomAccess

    /// One call and what became of its token.
    struct Outcome {
        let call: ClientCall
        let result: Result<Principal, GatewayError>
    }

    func handle(_ call: ClientCall) throws(GatewayError) {
        let token = try call.payload()["token"]
        guard call.session.renewals.pending < Self.maximumPending else {
            throw GatewayError(.rateLimited, "too many tokens at once; wait for the answer to the last one", retryAfter: 1)
        }
        let ticket = call.session.renewals.ticket()
        guard let token, token.kind != .null else { return finish(call, ticket, .failure(Self.noToken)) }
        guard let text = try call.payload().string("token") else {
            return finish(call, ticket, .failure(GatewayError(.authFailed, "`token` must be a string")))
        }
        // As at the handshake: what a page sends that has no token yet.
        guard !text.isEmpty else { return finish(call, ticket, .failure(Self.noToken)) }
        Task {
            let result: Result<Principal, GatewayError>
            do throws(GatewayError) { result = .success(try await authenticator.principal(of: text)) } catch { result = .failure(error) }
            call.socket.eventLoop.execute { finish(call, ticket, result) }
        }
    }

    private static let noToken = GatewayError(.authRequired, "no access token; give one in `token`")

    private func finish(_ call: ClientCall, _ ticket: OrderedResults<Outcome>.Ticket, _ result: Result<Principal, GatewayError>) {
        for outcome in call.session.renewals.complete(ticket, Outcome(call: call, result: result)) {
            guard call.socket.connected else { return }
            answer(outcome.call, outcome.result)
        }
    }

    private func answer(_ call: ClientCall, _ result: Result<Principal, GatewayError>) {
        switch result {
        case .success(let principal) where authenticator.hasBeenRevoked(principal):
            refuse(call, GatewayError(.authFailed, "the token has been revoked; log in again"))
        case .success(let principal) where principal.userID == call.session.principal.userID:
            call.session.principal = principal
            call.session.hasExpired = false
            call.socket.sessionChanged()
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
