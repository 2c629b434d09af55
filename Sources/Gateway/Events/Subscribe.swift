import GatewayDomain
import JSONScan

/// `subscribe {types}` → `subscribed {types}` with those accepted, and an `error` that names the others: all events of a type that the
/// caller may see.
struct Subscribe: ClientEvent {
    static let name = "subscribe"
    /// The most types of one call. There are five.
    static let maximumTypes = 32
    let rooms: RoomAccess

    func handle(_ call: ClientCall) throws(GatewayError) {
        guard let names = try call.payload().strings("types"), !names.isEmpty else {
            throw .invalid("`types` must be an array of strings such as price_updates")
        }
        guard names.count <= Self.maximumTypes else { throw .invalid("`types` may have at most \(Self.maximumTypes) elements") }
        var choice = Choice()
        for name in names { choice.add(name, caller: call.session.principal.userID) }
        let refusals = choice.refusals
        guard !choice.accepted.isEmpty else {
            guard let refusal = refusals.first else { throw .invalid("`types` names nothing") }
            throw refusal
        }
        let accepted = choice.accepted.map { JSONString.literal($0) }.joined(separator: ",")
        rooms.join(choice.firehoses, call, confirmation: "subscribed", members: "\"types\":[\(accepted)]") {
            for refusal in refusals { call.report(refusal) }
        }
    }

    /// The types of one call, sorted out.
    private struct Choice {
        var accepted: [String] = []
        var firehoses: [Firehose] = []
        private var unknown: [String] = []
        private var personal: [String] = []

        mutating func add(_ name: String, caller: UserID?) {
            guard !accepted.contains(name) else { return }
            guard let type = SubscriptionName(name)?.eventType else { return unknown.append(String(name.prefix(64))) }
            guard let firehoses = Firehose.all(of: type, caller: caller) else { return personal.append(name) }
            accepted.append(name)
            self.firehoses += firehoses
        }

        var refusals: [GatewayError] {
            var refusals: [GatewayError] = []
            if !unknown.isEmpty { refusals.append(.invalid("there are no events of the types \(unknown.joined(separator: ", "))")) }
            if !personal.isEmpty {
                refusals.append(GatewayError(.authRequired, "\(personal.joined(separator: ", ")) need a login"))
            }
            return refusals
        }
    }
}
