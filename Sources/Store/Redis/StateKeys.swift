public import GatewayDomain

/// The names under which gateways keep what they share in Redis. What stands in braces decides the slot of a cluster: all keys of one script
/// are in one slot.
public enum StateKeys {
    /// What is kept for a user: a hash of items, beside `#last` (the last place given) and `#bytes`.
    static func mail(_ user: UserID) -> String { "moonx:mail:{\(user)}" }
    /// The ids of one kind of what is kept for a user, by place.
    static func mail(_ user: UserID, _ kind: MailboxItem.Kind) -> String { "moonx:mail:{\(user)}:\(kind.rawValue)" }
    /// The ids of the notifications that were kept lately, by time.
    static func told(_ user: UserID) -> String { "moonx:mail:{\(user)}:told" }
    /// What a sender was answered, by the sender's names for messages.
    static func sent(_ sender: UserID) -> String { "moonx:sent:{\(sender)}" }
    /// Those names by time.
    static func sentOrder(_ sender: UserID) -> String { "moonx:sent:{\(sender)}:order" }

    /// The channel over which nodes with devices of a user hear of what is for them.
    public static func devices(_ user: UserID) -> String { "moonx:devices:{\(user)}" }
    /// The channel of answers to one node.
    public static func node(_ node: NodeID) -> String { "moonx:node:{\(node)}" }
    /// How a user is seen: a hash, and the channel of changes.
    public static func presence(_ user: UserID) -> String { "moonx:presence:{\(user)}" }
    /// The nodes, by the time of their last heartbeat.
    public static let nodes = "moonx:nodes"
    /// The users that a node has devices of.
    public static func users(of node: NodeID) -> String { "moonx:node:{\(node)}:users" }
    /// Who tidies up after a node.
    public static func sweep(_ node: NodeID) -> String { "moonx:sweep:{\(node)}" }
    /// Connections of a user or an address, by node.
    public static func connections(_ subject: String) -> String { "moonx:connections:{\(subject)}" }
    /// The attempts to connect that an address has left.
    public static func handshakes(_ address: String) -> String { "moonx:handshakes:{\(address)}" }
    /// The session of a client: a hash of `s` and `o`, the node that has the client.
    public static func session(_ pid: String) -> String { "moonx:session:\(pid)" }
    /// The channel over which nodes tell how many events users have sent.
    public static let usage = "moonx:usage"
    /// The channel over which nodes tell how many bytes of chat users have sent.
    public static let chatUsage = "moonx:usage:chat"

    /// The revocations in force: a hash.
    static let revocations = "moonx:{revocations}"
    /// Their subjects by the time of their expiry.
    static let revocationExpiry = "moonx:{revocations}:expiry"
    /// The channel of new revocations.
    static let revocationChannel = "moonx:revocations"
}
