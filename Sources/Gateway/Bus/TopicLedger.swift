import NIOCore

/// Which topics this node listens to, for how many members, and who waits until it does.
///
/// A subscription is held as long as anybody counts on it and a while longer, so that a client that comes back finds it. What concerns one
/// topic happens in the order in which it was asked for: a leave does not overtake the join before it, also where that waits for the bus.
/// A value without a clock: `now` is an offset from any fixed origin.
struct TopicLedger {
    /// One join or leave that waits.
    struct Ticket: Hashable {
        fileprivate let number: UInt64
    }

    /// When what was asked for may be done.
    enum Turn: Hashable {
        case now
        case later(Ticket)
    }

    /// A ticket whose turn has come.
    struct Call: Hashable {
        let ticket: Ticket
        /// Whether the node hears all of its topics; `false` where that took too long.
        let isLive: Bool
    }

    enum State: Hashable {
        /// Asked of the bus.
        case subscribing
        /// Heard.
        case live
        /// Was heard; what has happened since is not known yet.
        case cut
        /// Given up; the bus has not answered yet.
        case unsubscribing
    }

    private struct Entry {
        var state = State.subscribing
        var holders = 0
        var idleSince: Duration?
        var queue: CircularBuffer<Ticket> = []
    }

    private struct Waiting {
        let topics: [Topic]
        /// A join needs the topics live; a leave only its turn.
        let needsLive: Bool
    }

    private let linger: Duration
    private let patience: Duration
    private var entries: [Topic: Entry] = [:]
    private var waiting: [Ticket: Waiting] = [:]
    /// Tickets by age. All wait equally long.
    private var deadlines: CircularBuffer<(ticket: Ticket, deadline: Duration)> = []
    private var idle: Set<Topic> = []
    private var issued: UInt64 = 0

    /// - Parameters:
    ///   - linger: How long a topic is held after its last member has gone.
    ///   - patience: How long a join waits for the bus.
    init(linger: Duration, patience: Duration) {
        self.linger = linger
        self.patience = patience
    }

    /// How many topics are subscribed to, or were and will be again.
    var count: Int { entries.count }
    /// How many joins and leaves wait.
    var waitingCount: Int { waiting.count }
    /// The topics that were heard before the bus was cut.
    var cutTopics: [Topic] { entries.filter { $0.value.state == .cut }.map(\.key) }

    func state(of topic: Topic) -> State? { entries[topic]?.state }
    func isLive(_ topic: Topic) -> Bool { entries[topic]?.state == .live }

    // MARK: Members

    /// Counts one member of each topic, who may be let in at its turn.
    ///
    /// - Returns: Its turn, and the topics to subscribe to.
    mutating func join(_ topics: [Topic], now: Duration) -> (turn: Turn, subscribe: [Topic]) {
        let subscribe = hold(topics)
        return (turn(topics, needsLive: true, now: now), subscribe)
    }

    /// Counts one member of each topic, who is in already.
    ///
    /// - Returns: The topics to subscribe to.
    mutating func hold(_ topics: [Topic]) -> [Topic] {
        var subscribe: [Topic] = []
        for topic in topics {
            if entries[topic] == nil {
                entries[topic] = Entry()
                subscribe.append(topic)
            }
            entries[topic]?.holders += 1
            entries[topic]?.idleSince = nil
            idle.remove(topic)
        }
        return subscribe
    }

    /// Takes a place behind the joins to these topics. Whether a member leaves, ``release(_:now:)`` says.
    mutating func leave(_ topics: [Topic], now: Duration) -> Turn {
        turn(topics.filter { entries[$0] != nil }, needsLive: false, now: now)
    }

    /// Takes one member of each topic away.
    mutating func release(_ topics: [Topic], now: Duration) {
        for topic in topics {
            guard let holders = entries[topic]?.holders, holders > 0 else { continue }
            entries[topic]?.holders = holders - 1
            if holders == 1 {
                entries[topic]?.idleSince = now
                idle.insert(topic)
            }
        }
    }

    private mutating func turn(_ topics: [Topic], needsLive: Bool, now: Duration) -> Turn {
        let isFree = topics.allSatisfy { topic in
            guard let entry = entries[topic] else { return true }
            return entry.queue.isEmpty && (!needsLive || entry.state == .live)
        }
        if isFree { return .now }
        issued += 1
        let ticket = Ticket(number: issued)
        waiting[ticket] = Waiting(topics: topics, needsLive: needsLive)
        for topic in topics { entries[topic]?.queue.append(ticket) }
        deadlines.append((ticket, now + patience))
        return .later(ticket)
    }

    // MARK: The bus

    /// The bus has confirmed a topic. Returns whose turn it is now.
    mutating func subscribed(_ topic: Topic) -> [Call] {
        guard let state = entries[topic]?.state, state == .subscribing || state == .cut else { return [] }
        entries[topic]?.state = .live
        return drain([topic])
    }

    /// The bus has given up a topic. Returns whether it is to be subscribed to again, because somebody has come meanwhile.
    mutating func unsubscribed(_ topic: Topic) -> Bool {
        guard let entry = entries[topic], entry.state == .unsubscribing else { return false }
        if entry.holders == 0, entry.queue.isEmpty {
            entries[topic] = nil
            idle.remove(topic)
            return false
        }
        entries[topic]?.state = .subscribing
        return true
    }

    /// The bus was cut: what was heard is not for now. Returns those topics.
    mutating func cut() -> [Topic] {
        let heard = entries.filter { $0.value.state == .live }.map(\.key)
        for topic in heard { entries[topic]?.state = .cut }
        return heard
    }

    /// The bus was cut while it was asked for a topic.
    mutating func interrupted(_ topic: Topic) {
        if entries[topic]?.state == .subscribing { entries[topic]?.state = .cut }
    }

    // MARK: Time

    /// Looks at the clock.
    ///
    /// - Returns: Whose turn it is because somebody has waited too long, and the topics to give up.
    mutating func sweep(now: Duration) -> (calls: [Call], unsubscribe: [Topic]) {
        var calls: [Call] = []
        while let first = deadlines.first, first.deadline <= now || waiting[first.ticket] == nil {
            deadlines.removeFirst()
            guard let late = waiting.removeValue(forKey: first.ticket) else { continue }
            for topic in late.topics { entries[topic]?.queue.removeAll { $0 == first.ticket } }
            calls.append(Call(ticket: first.ticket, isLive: false))
            calls += drain(late.topics)
        }
        var unsubscribe: [Topic] = []
        for topic in idle {
            guard let entry = entries[topic], let since = entry.idleSince, now - since >= linger else { continue }
            guard entry.state == .live || entry.state == .cut, entry.queue.isEmpty else { continue }
            entries[topic]?.state = .unsubscribing
            unsubscribe.append(topic)
        }
        idle.subtract(unsubscribe)
        return (calls, unsubscribe)
    }

    /// Takes out everyone at the head of their queues who need not wait any longer.
    private mutating func drain(_ topics: [Topic]) -> [Call] {
        var calls: [Call] = []
        var changed = topics
        while let topic = changed.popLast() {
            while let ticket = entries[topic]?.queue.first, let wish = waiting[ticket] {
                let isFree = wish.topics.allSatisfy { topic in
                    entries[topic].map { $0.queue.first == ticket && (!wish.needsLive || $0.state == .live) } ?? true
                }
                guard isFree else { break }
                waiting[ticket] = nil
                for topic in wish.topics { _ = entries[topic]?.queue.popFirst() }
                calls.append(Call(ticket: ticket, isLive: true))
                changed += wish.topics.filter { $0 != topic }
            }
        }
        return calls
    }
}
