import GatewayDomain
import Logging
import NIOCore
import RedisClient
import Store
import Synchronization

/// The exchange of several nodes: what is for a user is kept in the shared store, which tells the nodes that have devices of the user in the
/// same step, so that all hear of it in one order.
///
/// A device that connects is heard of first (its node listens to the user's channel before it reads what is kept), and knows the place of the
/// last item it was given: so an item that is sent at the same moment on another node reaches it by one way or the other, and once.
final class ClusterMailExchange: MailExchange {
    private struct Waiter: Sendable {
        let message: SentMessage
        let key: ClientMessageKey?
        let isRepeat: Bool
        let answer: Answer
    }

    private let store: any SharedMessageStore
    private let node: ClusterNode
    private let client: RedisClient
    private let sockets: LocalSockets
    private let lanes: SerialLanes
    private let eventLoop: any EventLoop
    private let counters: GatewayCounters
    private let logger: Logger
    /// How long other nodes are waited for.
    private let answerTimeout: Duration
    private let answers = Mutex(AnswerTable<Waiter>())
    private let channels: ClusterChannels

    init(
        store: any SharedMessageStore,
        node: ClusterNode,
        client: RedisClient,
        sockets: LocalSockets,
        lanes: SerialLanes,
        eventLoop: any EventLoop,
        counters: GatewayCounters,
        uptime: @escaping @Sendable () -> Duration,
        logger: Logger,
        answerTimeout: Duration = .seconds(2)
    ) {
        self.store = store
        self.node = node
        self.client = client
        self.sockets = sockets
        self.lanes = lanes
        self.eventLoop = eventLoop
        self.counters = counters
        self.logger = logger
        self.answerTimeout = answerTimeout
        let receiver = Receiver()
        channels = ClusterChannels(
            client: client,
            uptime: uptime,
            receive: { receiver.exchange?.received($0, $1) },
            missed: { receiver.exchange?.catchUp($0) },
            failed: { error in
                counters.count(.subscriptionFailure)
                logger.debug("a user's channel could not be subscribed", metadata: ["error": "\(error)"])
            }
        )
        receiver.attach(self)
    }

    /// Begins to hear what other nodes answer.
    ///
    /// - Throws: `RedisError`.
    func start() async throws {
        try await client.subscriptions.subscribe(StateKeys.node(node.id), kind: client.channelKind) { [weak self] message in
            self?.answered(String(buffer: message.payload))
        }
    }

    /// To be called now and then.
    func tend() { channels.tend() }

    /// How many channels of users this node listens to.
    var channelCount: Int { channels.count }

    // MARK: Sending

    func send(_ item: MailboxItem, to user: UserID, as key: ClientMessageKey?, answer: @escaping Answer) async throws {
        try checkReachable()
        let message = SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false)
        wait(for: message, key, isRepeat: false, answer)
        do {
            guard let key else { return told(item.id, try await store.keep(item, for: user, telling: node.id)) }
            switch try await store.accept(item, for: user, as: key, telling: node.id) {
            case .repeated(let first):
                stopWaiting(item.id)
                answer(first, true)
            case .accepted(let keeping, let accepted):
                if accepted.messageID != item.id {
                    // The sender's first attempt is finished now, under its id.
                    stopWaiting(item.id)
                    wait(for: accepted, key, isRepeat: true, answer)
                }
                told(accepted.messageID, keeping)
            }
        } catch {
            stopWaiting(item.id)
            throw error
        }
    }

    /// What waits for Redis in a lane holds up others.
    private func checkReachable() throws {
        guard node.isReachable else { throw StoreError(code: .unavailable, message: "Redis does not answer") }
    }

    func notify(_ item: MailboxItem, to user: UserID) async throws {
        // Each node reads it from the bus; the first to get here keeps it, and all are told of that once. It came through Redis a moment ago,
        // so a failure is worth another attempt, which does no harm where the first was carried out.
        for attempt in 1...5 {
            do {
                return counters.countMail(.dropped, by: try await store.keep(item, for: user, telling: node.id).dropped)
            } catch  where attempt < 5 {
                counters.countMail(.failure)
                try await Task.sleep(for: .milliseconds(200 * attempt))
            }
        }
    }

    func copy(_ event: PlainEvent, to user: UserID, except socketID: String) {
        publish(CopyNotice(event, except: socketID).text, to: StateKeys.devices(user))
    }

    func send(
        _ event: PlainEvent,
        of item: MailboxItem,
        to room: Room,
        as key: ClientMessageKey?,
        except socketID: String
    ) async throws -> SentMessage {
        try checkReachable()
        var (message, json) = (SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false), event.json)
        if let key {
            switch try await store.begin(item, as: key) {
            case .new: break
            case .unfinished(let first):
                // Nobody knows whether the first attempt came through: this is the same message, and no node brings it twice. The id stands
                // in the payload too, and is random, so it stands for itself only.
                json = json.replacing(item.id, with: first.messageID)
                message = first
            case .finished(let first): return first
            }
        }
        let notice = GroupNotice(room: room, except: socketID, id: message.messageID, json: json)
        do {
            _ = try await client.send(RedisPublisher.append(.string(notice.text), to: .roomMessages, now: item.keptAt))
        } catch {
            counters.count(.publishFailure)
            throw error
        }
        // It is sent: what is not noted down makes a repeat of it cost more, and nothing else.
        if let key { do { try await store.finish(key) } catch { counters.countMail(.failure) } }
        return message
    }

    private func publish(_ text: String, to channel: String) {
        client.submit(RedisCommand(client.publishCommand, .string(channel), .string(text), key: channel)) { [counters] result in
            if case .failure = result { counters.count(.publishFailure) }
        }
    }

    // MARK: Answers

    private func wait(for message: SentMessage, _ key: ClientMessageKey?, isRepeat: Bool, _ answer: @escaping Answer) {
        let waiter = Waiter(message: message, key: key, isRepeat: isRepeat, answer: answer)
        answers.withLock { $0.wait(for: message.messageID, waiter) }
    }

    private func stopWaiting(_ id: String) {
        _ = answers.withLock { $0.giveUp(id) }
    }

    private func told(_ id: String, _ keeping: SharedKeeping) {
        counters.countMail(.dropped, by: keeping.dropped)
        if let outcome = answers.withLock({ $0.told(id, keeping.nodesTold) }) { return finish(outcome) }
        eventLoop.scheduleTask(in: .nanoseconds(answerTimeout.inNanoseconds)) { [weak self] in
            guard let self, let outcome = self.answers.withLock({ $0.giveUp(id) }) else { return }
            self.counters.count(.answerTimeout)
            self.finish(outcome)
        }
    }

    /// `<devices> <id>`, from a node that was told.
    private func answered(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let devices = Int(parts[0]) else { return counters.count(.malformed) }
        finish(answers.withLock { $0.answered(String(parts[1]), devices: devices) })
    }

    private func finish(_ outcome: AnswerTable<Waiter>.Outcome?) {
        guard let outcome else { return }
        let waiter = outcome.waiter
        guard outcome.isDelivered else { return waiter.answer(waiter.message, waiter.isRepeat) }
        var message = waiter.message
        message.delivered = true
        guard let key = waiter.key else { return waiter.answer(message, waiter.isRepeat) }
        let delivered = message
        Task { [store, counters] in
            // A repeat that is told otherwise does no harm: the message is not sent again.
            do { try await store.setDelivered(key) } catch { counters.countMail(.failure) }
            waiter.answer(delivered, waiter.isRepeat)
        }
    }

    // MARK: Devices here

    func enter(_ user: UserID) async throws -> [KeptItem] {
        let channel = StateKeys.devices(user)
        channels.hold(channel)
        do {
            try checkReachable()
            // Heard of first, read second: what comes between the two comes by both ways, and is known by its place.
            try await channels.ready(channel)
            return try await store.keptItems(for: user)
        } catch {
            // The device gets what is kept once Redis is back.
            channels.doubt(channel)
            throw error
        }
    }

    func leave(_ user: UserID) { channels.release(StateKeys.devices(user)) }

    private func received(_ channel: String, _ payload: ByteBuffer) {
        guard let user = Self.user(of: channel) else { return counters.count(.malformed) }
        if let notice = MailNotice(payload) {
            let doubts = channels.doubts(channel)
            let isTaken = lanes.run(for: user) { [self] in
                // A device that has this is given nothing older: where something before it is missing, it comes with that.
                let isInOrder = doubts != nil && channels.doubts(channel) == doubts
                answer(notice, devices: isInOrder ? await sockets.deliver(notice.kept, to: user) : 0)
            }
            if !isTaken {
                // Its devices get it once the lane has room.
                channels.doubt(channel)
                counters.countMail(.overflow)
                answer(notice, devices: 0)
            }
        } else if let copy = CopyNotice(payload) {
            sockets.emit(copy.event.outgoing.notKept, to: ClientSession.deviceRoom(user), except: copy.exceptSocket)
        } else {
            counters.count(.malformed)
        }
    }

    private func answer(_ notice: MailNotice, devices: Int) {
        guard notice.kept.item.kind == .directMessage, let asker = notice.node else { return }
        let text = "\(devices) \(notice.kept.item.id)"
        if asker == node.id { answered(text) } else { publish(text, to: StateKeys.node(asker)) }
    }

    /// Something may have been missed over these channels: what is kept is read again, and devices are given what they do not have.
    private func catchUp(_ names: [String]) {
        for user in names.compactMap({ Self.user(of: $0) }) {
            let isTaken = lanes.run(for: user) { [self] in
                do {
                    try checkReachable()
                    for kept in try await store.keptItems(for: user) { _ = await sockets.deliver(kept, to: user) }
                } catch {
                    channels.doubt(StateKeys.devices(user))
                    counters.countMail(.failure)
                    logger.debug("what is kept could not be read after a cut", metadata: ["error": "\(error)"])
                }
            }
            if !isTaken {
                channels.doubt(StateKeys.devices(user))
                counters.countMail(.overflow)
            }
        }
    }

    private static func user(of channel: String) -> UserID? {
        guard let begin = channel.firstIndex(of: "{"), channel.last == "}" else { return nil }
        return UserID(channel[channel.index(after: begin)...].dropLast())
    }
}

/// Lets the channels, which are made first, reach the exchange.
private final class Receiver: Sendable {
    private struct Box: Sendable { weak var exchange: ClusterMailExchange? }
    private let box = Mutex(Box())

    var exchange: ClusterMailExchange? { box.withLock { $0.exchange } }
    func attach(_ exchange: ClusterMailExchange) { box.withLock { $0.exchange = exchange } }
}
