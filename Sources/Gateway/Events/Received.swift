import GatewayDomain
import JSONScan

/// `received {ids}`: messages and notifications that the client has taken in; they do not come again. Ids of others do nothing.
struct Received: ClientEvent {
    static let name = "received"
    /// The most ids of one call.
    static let maximumIDs = 1000
    /// The longest id that a publisher may give, in bytes. What is longer is an id of nothing, and must not wait for the store in its length.
    static let maximumIDBytes = 128
    let mailboxes: Mailboxes

    func handle(_ call: ClientCall) throws(GatewayError) {
        let user = try call.user()
        guard let ids = try call.payload().strings("ids") else { throw .invalid("`ids` must be an array of strings") }
        guard ids.count <= Self.maximumIDs else { throw .invalid("`ids` may have at most \(Self.maximumIDs) elements") }
        let unique = Set(ids.lazy.filter { $0.utf8.count <= Self.maximumIDBytes })
        call.session.mail.received(unique)
        mailboxes.received(unique, by: user) { error in
            if let error { call.fail(error) } else { call.acknowledge() }
        }
    }
}
