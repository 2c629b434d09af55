import GatewayDomain
import JSONScan
import NIOCore
import SocketIO
import SocketIOCore

/// One event of a client, on its way through a handler: what it asks for, and how it is answered.
///
/// With an ack the client gets `{ok: true, …}` beside the confirmation event, or `{ok: false, …}` alone; without one, failures arrive as
/// `error`. Confined to the client's event loop.
struct ClientCall: Sendable {
    let socket: Socket
    let session: ClientSession
    let event: String
    let arguments: EventArguments
    let ack: Ack?
    let counters: GatewayCounters

    /// The payload, which must be an object; an absent one stands for an empty object.
    func payload() throws(GatewayError) -> JSONObject {
        switch arguments.kind(0) {
        case nil: break
        case .object: if let object = arguments.object(0) { return object }
        default: throw .invalid("the payload of \(event) must be an object")
        }
        guard arguments.count == 0 else { throw .invalid("the payload of \(event) must be an object") }
        return .empty
    }

    /// The caller, who must have logged in.
    func user() throws(GatewayError) -> UserID {
        guard let user = session.principal.userID else {
            throw GatewayError(.authRequired, "\(event) needs a login; connect with an access token in auth.token")
        }
        return user
    }

    /// Answers success: the confirmation `event` with `json`, and the ack with the same members after `ok`.
    ///
    /// - Parameters:
    ///   - confirmation: The event's name.
    ///   - members: JSON members without braces.
    ///   - following: Events that come right after the confirmation.
    func confirm(_ confirmation: String, members: String, following: [OutgoingEvent] = []) {
        ack?.send(json: members.isEmpty ? "{\"ok\":true}" : "{\"ok\":true,\(members)}")
        socket.emit(confirmation, json: "{\(members)}")
        for event in following { socket.emit(event) }
    }

    /// As ``confirm(_:members:following:)``, for an answer that is given often: `members` appends about `capacity` bytes of members, straight to
    /// where they go out from.
    func confirm(_ confirmation: String, capacity: Int, _ members: (inout ByteBuffer) -> Void) {
        if let ack {
            var json = ByteBufferAllocator().buffer(capacity: capacity + 12)
            json.writeStaticString("{\"ok\":true,")
            members(&json)
            json.writeStaticString("}")
            ack.send(json: json)
        }
        socket.emit(
            OutgoingEvent(confirmation, namespace: socket.namespace, capacity: capacity + 2) {
                $0.writeStaticString("{")
                members(&$0)
                $0.writeStaticString("}")
            }
        )
    }

    /// Answers success where there is no confirmation event: only the ack says so.
    func acknowledge(members: String = "") {
        ack?.send(json: members.isEmpty ? "{\"ok\":true}" : "{\"ok\":true,\(members)}")
    }

    /// Answers failure.
    func fail(_ error: GatewayError) {
        guard let ack else { return report(error) }
        counters.count(error.code)
        ack.send(json: "{\"ok\":false,\(error.members)}")
    }

    /// Tells the client of a failure by `error`, whether it asked for an ack or not.
    func report(_ error: GatewayError) {
        counters.count(error.code)
        socket.emit("error", json: "{\(error.members),\"event\":\(JSONString.literal(event))}")
    }
}

/// Handles one kind of client event.
protocol ClientEvent: Sendable {
    /// The event's name on the wire.
    static var name: String { get }
    /// Handles one call, on the client's event loop. What it throws is answered as a failure.
    func handle(_ call: ClientCall) throws(GatewayError)
}
