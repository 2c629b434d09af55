import GatewayDomain
import JSONScan

/// `set_presence {status}`: `online`, `away`, `busy` or `invisible`, for all devices of the caller. Only the ack confirms it.
struct SetPresence: ClientEvent {
    static let name = "set_presence"
    let presence: any PresenceService

    func handle(_ call: ClientCall) throws(GatewayError) {
        let user = try call.user()
        guard let status = try call.payload().string("status").flatMap({ PresenceStatus(rawValue: $0) }) else {
            throw .invalid("`status` must be one of online, away, busy, invisible")
        }
        presence.set(status, for: user) { error in
            if let error { call.fail(error) } else { call.acknowledge(members: "\"status\":\"\(status.rawValue)\"") }
        }
    }
}
