/// A bus between nodes, as the router sees it: it is told what this node has members of.
///
/// Called on the router's loop. It answers there too, by ``EventRouter/subscribed(to:last:)`` and ``EventRouter/unsubscribed(from:)``, once
/// for each call; a subscription that does not come about is tried again until it does. Of one topic the next call follows the answer.
protocol TopicSource: Sendable {
    /// Somebody here wants the topic.
    func subscribe(to topic: Topic)
    /// Nobody has wanted the topic for a while.
    func unsubscribe(from topic: Topic)
}

/// What a bus has kept of a room for its first member on a node.
struct LastValues: Sendable {
    /// The last value; of a chart one for each pair and interval.
    var values: [Envelope] = []
    /// The changes of an order book since its last value, in order.
    var changes: [Envelope] = []
}
