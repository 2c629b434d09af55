import GatewayDomain
import NIOCore

/// What this node listens to on a bus between nodes. On the router's loop.
///
/// Without such a bus everything published is heard, and each of these does at once what it is to do.
extension EventRouter {
    /// Listens to a bus between nodes from now on. Once, before the first client; from anywhere.
    func listen(to source: any TopicSource) async throws {
        try await eventLoop.submit { [self] in remote = RemoteFeed(source: source, configuration: configuration) }.get()
    }

    /// Counts a member of each topic and lets it in by `enter` once the node hears them; by `false` where that takes too long, and the
    /// member is not counted then.
    func whenHearing(_ topics: [Topic], enter: @escaping (_ isHeard: Bool) -> Void) {
        let isEmpty = topics.isEmpty
        let topics = topics.filter(\.hasChannel)
        guard remote != nil, !topics.isEmpty else {
            // What comes by a stream is heard at once, unless Redis is away.
            let isHeard = isEmpty || remote?.deafSince == nil
            if !isHeard { remote?.statistics.refusedJoins += 1 }
            return enter(isHeard)
        }
        guard let (turn, subscribe) = remote?.ledger.join(topics, now: now) else { return }
        for topic in subscribe { remote?.source.subscribe(to: topic) }
        switch turn {
        case .now: enter(true)
        case .later(let ticket):
            remote?.turns[ticket] = { [self] isLive in
                if !isLive {
                    remote?.statistics.refusedJoins += 1
                    release(topics)
                }
                enter(isLive)
            }
        }
    }

    /// Counts a member of each topic that is in already.
    func hold(_ topics: [Topic]) {
        for topic in remote?.ledger.hold(topics.filter(\.hasChannel)) ?? [] { remote?.source.subscribe(to: topic) }
    }

    /// Runs `body` behind the joins to these topics that wait for the bus.
    func afterJoins(to topics: [Topic], _ body: @escaping () -> Void) {
        guard case .later(let ticket)? = remote?.ledger.leave(topics, now: now) else { return body() }
        remote?.turns[ticket] = { _ in body() }
    }

    /// A member of each topic is gone.
    func release(_ topics: [Topic]) {
        remote?.ledger.release(topics, now: now)
    }

    /// Who has waited too long, and what nobody has wanted for a while.
    func sweepTopics() {
        guard let (calls, unsubscribe) = remote?.ledger.sweep(now: now) else { return }
        for topic in unsubscribe { remote?.source.unsubscribe(from: topic) }
        take(calls)
    }

    private func take(_ calls: [TopicLedger.Call]) {
        for call in calls { remote?.turns.removeValue(forKey: call.ticket)?(call.isLive) }
    }

    // MARK: What the bus answers

    /// The bus has confirmed a topic and was asked for its last values afterwards.
    func subscribed(to topic: Topic, last: LastValues) {
        guard remote?.ledger.state(of: topic) == .subscribing else { return }
        settle(topic, last, isNew: true)
    }

    /// The bus was cut and has confirmed again; these are the last values since.
    func resynchronised(_ topic: Topic, last: LastValues) {
        guard remote?.ledger.state(of: topic) == .cut else { return }
        settle(topic, last, isNew: false)
    }

    /// The bus was cut while it was asked for a topic: it is caught up with together with all others.
    func interrupted(_ topic: Topic) {
        remote?.ledger.interrupted(topic)
    }

    private func settle(_ topic: Topic, _ last: LastValues, isNew: Bool) {
        switch topic {
        case .room(let room):
            // A firehose that brings everything of the kind has brought this room's events all along.
            let isCovered = isCovered(room)
            if isNew, !isCovered, !isContinuous(room) {
                beginEpoch(of: room)
                oweSnapshot(of: room)
            }
            if channels[room] == nil { makeChannel(room) }
            // What the firehose is to have of that may have come by the room's own channel first, and be in the last value now.
            let isToBeShown = !isNew || remote?.owed.contains(room) == true || isCovered && remote?.held[room] != nil
            adopt(last, in: room)
            if isToBeShown { showSnapshots(of: room) }
            take(remote?.ledger.subscribed(topic) ?? [])
            releaseHeld(of: room)
        case .events:
            if isNew { forgetUncovered(by: topic) }
            showOwed(by: topic)
            take(remote?.ledger.subscribed(topic) ?? [])
        }
    }

    /// The bus has given up a topic.
    func unsubscribed(from topic: Topic) {
        let isWanted = remote?.ledger.unsubscribed(topic) == true
        if isWanted {
            remote?.source.subscribe(to: topic)
        } else {
            if case .events = topic { remote?.merge.removeAll() }
        }
        // What comes next does not follow on what was heard.
        switch topic {
        case .room(let room) where remote?.owed.contains(room) == true:
            // Who gets it by a firehose is shown it together with all others, unless that has been: then nothing else would.
            if !isWanted, isCovered(room) { showOwed(room) }
        case .room(let room):
            dropHeld(of: room)
            if !isCovered(room), !isContinuous(room) { forgetMemberless(room) }
        case .events:
            if topic == .events(.priceUpdate) { forgetOwed() }
            forgetUncovered(by: topic)
        }
    }

    /// Whether a firehose brings everything of the room.
    private func isCovered(_ room: Room) -> Bool {
        switch room.kind {
        case .price: remote?.ledger.isLive(.events(.priceUpdate)) ?? true
        case .trade: remote?.ledger.isLive(.events(.tradeNotification)) ?? true
        default: false
        }
    }

    /// Whether the room has had its events by streams alone, which are read whole whoever is here.
    private func isContinuous(_ room: Room) -> Bool {
        channels[room].map { !room.keepsLastValue && !$0.isLossy } ?? false
    }

    /// Forgets rooms that only the topic has brought.
    private func forgetUncovered(by topic: Topic) {
        guard let kind = topic.coveredKind else { return }
        for room in channels.keys where room.kind == kind && remote?.ledger.state(of: .room(room)) == nil && !isContinuous(room) {
            forgetMemberless(room)
        }
    }

    private func forgetMemberless(_ room: Room) {
        if let channel = channels[room], !channel.hasMembers { forget(room) }
    }
}
