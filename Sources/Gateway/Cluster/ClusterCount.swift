/// What goes wrong, or is made good, between nodes; the raw value is the label of the metric.
enum ClusterCount: String, Sendable, CaseIterable {
    /// A node did not say in time whether a device has a message.
    case answerTimeout = "answer_timeout"
    /// A message from another node that could not be read.
    case malformed
    /// A channel that could not be subscribed; it is tried again.
    case subscriptionFailure = "subscription_failure"
    /// An answer, a copy or a message to a room that could not be sent to the other nodes.
    case publishFailure = "publish_failure"
    /// A heartbeat that did not go through.
    case heartbeatFailure = "heartbeat_failure"
    /// Others had taken this node for dead, or Redis had lost what it knew: what is held here was told anew.
    case rejoin
    /// A dead node that this one has tidied up after.
    case sweptNode = "swept_node"
    /// Presence that could not be read or written.
    case presenceFailure = "presence_failure"
    /// A user of whom Redis could not be told, and who was not remembered because there were too many.
    case presenceForgotten = "presence_forgotten"
    /// A limit that was enforced on this node alone because Redis did not answer.
    case limitFallback = "limit_fallback"
    /// A user or an address whose last connections ended while Redis did not answer, and who was not remembered because there were too many:
    /// Redis may count those connections for up to two hours more.
    case limitForgotten = "limit_forgotten"
    /// Sessions of connected clients that could not be written; they are tried again.
    case sessionFailure = "session_failure"
    /// A message of an emitter or another Socket.IO server that asks for what it may not.
    case bridgeRefused = "bridge_refused"
    /// A session that is larger than one may be, and is not kept.
    case sessionTooLarge = "session_too_large"
}
