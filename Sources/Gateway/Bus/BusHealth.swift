/// Whether this node hears the bus: it speaks to itself through it, and listens.
///
/// The protocol, without a clock or a connection: each input returns what is to be done. `now` is an offset from any fixed origin.
struct BusHealth {
    /// The times of the probe.
    struct Rules: Sendable {
        /// How often the node speaks to itself.
        var interval: Duration = .seconds(1)
        /// After how long without hearing itself it counts as deaf.
        var deafAfter: Duration = .seconds(2)
    }

    enum Action: Hashable {
        /// Send this number through the bus, by every channel of the probe.
        case probe(UInt64)
        /// What was heard so far is not continued: publishers may have said something meanwhile.
        case endEpochs
        /// The node is deaf, since so long ago.
        case deaf(since: Duration)
        /// Fetch last values; ``resynchronised(_:now:)`` is told when that is done.
        case resynchronise(generation: UInt64)
        /// The node has caught up; it was deaf for so long, or not at all.
        case caughtUp(deafFor: Duration?)
    }

    private enum Phase: Hashable {
        /// Everything is heard.
        case well
        /// Something may have been missed.
        case broken
        /// Last values are being fetched.
        case catchingUp
    }

    private let rules: Rules
    private let channels: Int
    private var phase = Phase.well
    private var isConnected = true
    private var deafSince: Duration?
    /// When each channel of the probe last brought a number back.
    private var heard: [Duration]
    private var lastSent: Duration?
    private var lastTick: Duration
    private var number: UInt64 = 0
    /// Rises with each cut, so that what belongs to the time before is known.
    private(set) var generation: UInt64 = 0

    /// - Parameter channels: By how many channels the node speaks to itself: on a cluster each shard may be deaf by itself.
    init(rules: Rules, channels: Int, now: Duration) {
        self.rules = rules
        self.channels = channels
        heard = [Duration](repeating: now, count: channels)
        lastTick = now
    }

    /// Whether everything is heard.
    var isWell: Bool { phase == .well }
    /// Whether nothing has been heard for so long that clients were told.
    var isDeaf: Bool { deafSince != nil }

    /// Looks at the clock; to be called several times in an interval.
    mutating func tick(now: Duration) -> [Action] {
        // A node that stood still itself has not listened: that time says nothing about the bus.
        let gap = now - lastTick
        lastTick = now
        if gap > rules.interval { heard = heard.map { min($0 + gap, now) } }
        var actions: [Action] = []
        if deafSince == nil, let oldest = heard.min(), now - oldest >= rules.deafAfter {
            deafSince = oldest
            if phase == .well { actions += lose() }
            phase = .broken
            actions.append(.deaf(since: oldest))
        }
        if lastSent.map({ now - $0 >= rules.interval }) ?? true { actions.append(probe(now: now)) }
        return actions
    }

    /// A number came back.
    mutating func heard(channel: Int, now: Duration) -> [Action] {
        guard heard.indices.contains(channel) else { return [] }
        heard[channel] = now
        return settle(now: now)
    }

    /// The connection that subscriptions live on was lost.
    mutating func cut() -> [Action] {
        isConnected = false
        return lose()
    }

    /// Every subscription is confirmed again.
    mutating func connected(now: Duration) -> [Action] {
        guard !isConnected else { return [] }
        isConnected = true
        let actions = settle(now: now)
        // One that is deaf need not wait for the next turn to hear itself.
        return actions.isEmpty && isDeaf ? [probe(now: now)] : actions
    }

    /// Last values have been fetched and handed on.
    mutating func resynchronised(_ generation: UInt64, now: Duration) -> [Action] {
        guard generation == self.generation, phase == .catchingUp else { return [] }
        phase = .well
        defer { deafSince = nil }
        return [.caughtUp(deafFor: deafSince.map { now - $0 })]
    }

    /// They could not be fetched.
    mutating func resynchronisationFailed(_ generation: UInt64, now: Duration) -> [Action] {
        guard generation == self.generation, phase == .catchingUp else { return [] }
        phase = .broken
        return settle(now: now)
    }

    private mutating func lose() -> [Action] {
        phase = .broken
        generation += 1
        return [.endEpochs]
    }

    private mutating func probe(now: Duration) -> Action {
        lastSent = now
        number += 1
        return .probe(number)
    }

    private mutating func settle(now: Duration) -> [Action] {
        guard phase == .broken, isConnected, let oldest = heard.min() else { return [] }
        if isDeaf, now - oldest >= rules.deafAfter { return [] }
        phase = .catchingUp
        return [.resynchronise(generation: generation)]
    }
}
