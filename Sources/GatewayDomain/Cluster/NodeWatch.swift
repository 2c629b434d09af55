/// Which nodes live, as one of them sees it from the heartbeats of all.
///
/// A value without a clock; `now` is an offset from any fixed origin. A node that was cut off itself must not take the others for dead when it
/// is back: their last heartbeats are old because nobody's went through. So a silent node is given up only after this one has heard the
/// heartbeats without a break for a while.
public struct NodeWatch: Sendable {
    /// The times of the heartbeats.
    public struct Rules: Hashable, Sendable {
        /// How often a node says that it lives.
        public var interval: Duration = .seconds(1)
        /// A node that has said nothing for so long does not count.
        public var silence: Duration = .seconds(5)
        /// For how long it must have been heard to be silent before it is given up.
        public var patience: Duration = .seconds(3)

        /// The defaults: a node that was killed is given up after ten seconds at the latest.
        public init() {}
    }

    /// What follows from one heartbeat.
    public struct Outcome: Hashable, Sendable {
        /// Nodes that are dead: what they held is to be tidied up. Named again with each heartbeat until they are gone.
        public var dead: [NodeID] = []
        /// Whether the others may have taken this node for dead, or Redis has lost what it knew: what is held here is to be told anew.
        public var hasBeenForgotten = false
    }

    /// The nodes that count, this one included.
    public private(set) var live: Set<NodeID> = []
    private let own: NodeID
    private let rules: Rules
    private var silentSince: [NodeID: Duration] = [:]
    private var lastHeard: Duration?

    /// The view of the node `own`, which has heard nothing yet.
    public init(own: NodeID, rules: Rules = Rules()) {
        self.own = own
        self.rules = rules
        live = [own]
    }

    /// A heartbeat went through.
    ///
    /// - Parameters:
    ///   - ages: For how long each node has been silent.
    ///   - wasKnown: Whether this node was still known from its last heartbeat.
    public mutating func heard(ages: [NodeID: Duration], wasKnown: Bool, now: Duration) -> Outcome {
        var outcome = Outcome()
        outcome.hasBeenForgotten = !wasKnown && lastHeard != nil
        if let lastHeard, now - lastHeard >= rules.patience { silentSince = [:] }
        lastHeard = now
        live = [own]
        for (node, age) in ages where node != own {
            guard age >= rules.silence else {
                live.insert(node)
                silentSince[node] = nil
                continue
            }
            let since = silentSince[node] ?? now
            silentSince[node] = since
            if now - since >= rules.patience { outcome.dead.append(node) }
        }
        silentSince = silentSince.filter { ages[$0.key] != nil }
        return outcome
    }
}
