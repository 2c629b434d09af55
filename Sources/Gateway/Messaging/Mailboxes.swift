import GatewayDomain
import Logging
import NIOCore
import SocketIO
import Store

/// Brings direct messages and notifications to the devices of their user, and keeps them until one of the devices has them.
///
/// All that concerns one user goes through one lane, so that a device gets what was kept before it connected first, what comes after it
/// second, and nothing twice.
struct Mailboxes: Sendable {
    let store: any MessageStore
    let exchange: any MailExchange
    let lanes: SerialLanes
    let counters: GatewayCounters
    let logger: Logger
    private let arrivals: Arrivals
    private let joint: JointJob<Arrivals.Device>

    init(store: any MessageStore, exchange: any MailExchange, lanes: SerialLanes, counters: GatewayCounters, logger: Logger) {
        self.store = store
        self.exchange = exchange
        self.lanes = lanes
        self.counters = counters
        self.logger = logger
        let arrivals = Arrivals(exchange: exchange, counters: counters) { Self.failed($0, counters, logger) }
        self.arrivals = arrivals
        self.joint = JointJob(patience: exchange.entersTogether ? Arrivals.patience : nil) { await arrivals.enter($0) }
    }

    // MARK: Sending

    /// Keeps a message and brings it to the devices of `user`; `done` is told what to answer. Returns `false` where too much is waiting.
    func send(
        _ item: MailboxItem,
        to user: UserID,
        as key: ClientMessageKey?,
        done: @escaping @Sendable (Result<(message: SentMessage, isRepeat: Bool), GatewayError>) -> Void
    ) -> Bool {
        run(for: user) {
            do {
                try await exchange.send(item, to: user, as: key) { message, isRepeat in done(.success((message, isRepeat))) }
            } catch {
                failed(error)
                done(.failure(GatewayError(.internalError, "the message could not be kept; try again")))
            }
        }
    }

    /// Sends a message to the members of a room but one, unless it is a repeat; `done` is told what to answer. Returns `false` where too
    /// much is waiting.
    func send(
        _ event: PlainEvent,
        of item: MailboxItem,
        to room: Room,
        as key: ClientMessageKey?,
        except socketID: String,
        done: @escaping @Sendable (Result<SentMessage, GatewayError>) -> Void
    ) -> Bool {
        run(for: room) {
            do {
                done(.success(try await exchange.send(event, of: item, to: room, as: key, except: socketID)))
            } catch {
                failed(error)
                done(.failure(GatewayError(.internalError, "the message could not be sent; try again")))
            }
        }
    }

    /// Keeps a notification and brings it to the devices of its user.
    func notify(_ item: MailboxItem, _ user: UserID) {
        let isTaken = run(for: user) {
            do { try await exchange.notify(item, to: user) } catch { failed(error) }
        }
        if !isTaken { counters.countMail(.dropped, by: 1) }
    }

    // MARK: Devices

    /// A device of `user` has connected: it gets what was kept, then what comes. On the socket's loop.
    func connected(_ socket: Socket, _ session: ClientSession, _ user: UserID) {
        let device = Arrivals.Device(socket: socket, session: session, user: user)
        guard !lanes.run(for: user, device, in: joint) else { return }
        counters.countMail(.overflow, by: 1)
        // It would hear of no mail as long as it is connected. Not at once: the others are yet to be told that it is there.
        socket.eventLoop.execute { socket.closeTransport() }
    }

    /// A device of `user` that was in these rooms is gone. On the socket's loop.
    func disconnected(_ user: UserID, rooms: [String]) {
        guard rooms.contains(ClientSession.deviceRoom(user)) else { return }
        exchange.leave(user)
    }

    /// The transport has shown what a device has. On the socket's loop.
    func heartbeat(_ event: HeartbeatEvent, _ session: ClientSession) {
        guard let user = session.principal.userID else { return }
        switch event {
        case .pingSent: session.mail.pingSent()
        case .pingAnswered:
            let ids = session.mail.pingAnswered()
            if !ids.isEmpty { received(Set(ids), by: user) }
        }
    }

    /// A device of `user` has these. `done` is told how it went; where it is not called, too much is waiting and they come again.
    func received(_ ids: Set<String>, by user: UserID, done: @escaping @Sendable (GatewayError?) -> Void = { _ in }) {
        let isTaken = run(for: user) {
            do {
                let removed = try await store.remove(ids, of: user)
                counters.countMail(.received, by: removed)
                done(nil)
            } catch {
                failed(error)
                done(GatewayError(.internalError, "the receipt could not be written down; try again"))
            }
        }
        if !isTaken { done(.busy) }
    }

    // MARK: Failures

    private func run(for key: some Hashable, _ job: @escaping SerialLanes.Job) -> Bool {
        let isTaken = lanes.run(for: key, job)
        if !isTaken { counters.countMail(.overflow, by: 1) }
        return isTaken
    }

    private func failed(_ error: any Error) { Self.failed(error, counters, logger) }

    private static func failed(_ error: any Error, _ counters: GatewayCounters, _ logger: Logger) {
        counters.countMail(.failure, by: 1)
        logger.debug("the message store failed", metadata: ["error": "\(error)"])
    }
}

extension GatewayError {
    /// More is waiting for the store than may wait.
    static let busy = GatewayError(.internalError, "too many messages are waiting; try again", retryAfter: 1)
}
