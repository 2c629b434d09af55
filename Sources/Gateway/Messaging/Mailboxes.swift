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
    let sockets: LocalSockets
    let lanes: SerialLanes
    let counters: GatewayCounters
    let logger: Logger

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
                var message = SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false)
                if let key {
                    switch try await store.accept(item, for: user, as: key) {
                    case .repeated(let first): return done(.success((first, true)))
                    case .accepted(let dropped): counters.countMail(.dropped, by: dropped)
                    }
                } else {
                    counters.countMail(.dropped, by: try await store.keep(item, for: user))
                }
                message.delivered = await deliver(item, to: user) > 0
                if message.delivered, let key { try await store.setDelivered(key) }
                done(.success((message, false)))
            } catch {
                failed(error)
                done(.failure(GatewayError(.internalError, "the message could not be kept; try again")))
            }
        }
    }

    /// Remembers a message that goes to a room, by its sender's name for it; `done` is told what to answer, and whether it is new.
    func remember(
        _ item: MailboxItem,
        in room: Room,
        as key: ClientMessageKey?,
        done: @escaping @Sendable (Result<(message: SentMessage, isRepeat: Bool), GatewayError>) -> Void
    ) -> Bool {
        run(for: room) {
            let message = SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false)
            guard let key else { return done(.success((message, false))) }
            do {
                switch try await store.accept(item, for: nil, as: key) {
                case .repeated(let first): done(.success((first, true)))
                case .accepted: done(.success((message, false)))
                }
            } catch {
                failed(error)
                done(.failure(GatewayError(.internalError, "the message could not be taken in; try again")))
            }
        }
    }

    /// Keeps a notification and brings it to the devices of its user on this node.
    func notify(_ item: MailboxItem, _ user: UserID) {
        let isTaken = run(for: user) {
            // A store that fails loses the second chance, not the first.
            do { counters.countMail(.dropped, by: try await store.keep(item, for: user)) } catch { failed(error) }
            _ = await deliver(item, to: user)
        }
        if !isTaken { counters.countMail(.dropped, by: 1) }
    }

    private func deliver(_ item: MailboxItem, to user: UserID) async -> Int {
        let event = item.event(isOffline: false)
        return await sockets.count(in: ClientSession.deviceRoom(user)) { socket in
            guard let session = socket.data as? ClientSession else { return false }
            return session.mail.deliver(item, event, to: socket)
        }
    }

    // MARK: Devices

    /// A device of `user` has connected: it gets what was kept, then what comes. On the socket's loop.
    func connected(_ socket: Socket, _ session: ClientSession, _ user: UserID) {
        let isTaken = run(for: user) {
            var kept: [MailboxItem] = []
            do { kept = try await store.items(for: user) } catch { failed(error) }
            let items = kept
            try? await socket.eventLoop.submit { enter(socket, session, user, items) }.get()
        }
        if !isTaken { enter(socket, session, user, []) }
    }

    private func enter(_ socket: Socket, _ session: ClientSession, _ user: UserID, _ items: [MailboxItem]) {
        if socket.join(ClientSession.deviceRoom(user)) { session.internalRooms += 1 }
        counters.countMail(.redelivered, by: items.count)
        session.mail.begin(items, to: socket)
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
                try await store.remove(ids, of: user)
                counters.countMail(.received, by: ids.count)
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

    private func failed(_ error: any Error) {
        counters.countMail(.failure, by: 1)
        logger.debug("the message store failed", metadata: ["error": "\(error)"])
    }
}

extension GatewayError {
    /// More is waiting for the store than may wait.
    static let busy = GatewayError(.internalError, "too many messages are waiting; try again", retryAfter: 1)
}
