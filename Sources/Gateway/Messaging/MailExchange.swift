import GatewayDomain
import SocketIO
import Store

/// Takes messages and notifications in and brings them to the devices of their user, on whichever nodes these are.
///
/// What belongs to one user is called from that user's lane, one after the other; see ``Mailboxes``.
protocol MailExchange: Sendable {
    /// What became of a message.
    typealias Answer = @Sendable (_ message: SentMessage, _ isRepeat: Bool) -> Void

    /// Keeps a message for `user` and brings it to the user's devices. `answer` may be called after the return: the next message of the
    /// user need not wait for what other nodes say.
    ///
    /// - Throws: What the store throws; `answer` is not called then.
    func send(_ item: MailboxItem, to user: UserID, as key: ClientMessageKey?, answer: @escaping Answer) async throws

    /// Keeps a notification and brings it to the user's devices: once, however many nodes are told of it.
    ///
    /// - Throws: What the store throws.
    func notify(_ item: MailboxItem, to user: UserID) async throws

    /// Sends an event of which nothing is kept to the devices of `user`, but one.
    func copy(_ event: PlainEvent, to user: UserID, except socketID: String)

    /// Sends a message of which nothing is kept to the members of a group, but one; a repeat is not sent. Returns what to answer.
    ///
    /// - Parameter event: What the members get; `item` is what is remembered of it.
    /// - Throws: What the store throws, or where other nodes cannot be told.
    func send(
        _ event: PlainEvent,
        of item: MailboxItem,
        to room: Room,
        as key: ClientMessageKey?,
        except socketID: String
    ) async throws -> SentMessage

    /// From now on what comes for `user` is wanted here, until ``leave(_:)``. Returns what is kept for the user.
    ///
    /// - Throws: What the store throws. The user's devices have entered all the same.
    func enter(_ user: UserID) async throws -> [KeptItem]

    /// Whether ``enter(_:)-([UserID])`` lets in many for little more than one.
    var entersTogether: Bool { get }

    /// As ``enter(_:)-(UserID)`` for a device of each of `users`, with one question to the store. `nil`: they are to enter one by one.
    ///
    /// - Throws: What the store throws. The devices have entered all the same.
    func enter(_ users: [UserID]) async throws -> [UserID: [KeptItem]]?

    /// A device of `user` that had entered is gone.
    func leave(_ user: UserID)
}

extension MailExchange {
    var entersTogether: Bool { false }
    func enter(_ users: [UserID]) async throws -> [UserID: [KeptItem]]? { nil }
}

/// An event that has not been encoded yet, because other nodes are to encode it.
struct PlainEvent: Hashable, Sendable {
    /// Its name: one of the gateway's own.
    let name: String
    /// Its payload.
    let json: String

    var outgoing: OutgoingEvent { OutgoingEvent(name, json: json) }
}

/// The exchange of a single node.
struct LocalMailExchange: MailExchange {
    let store: any MessageStore
    let sockets: LocalSockets
    let counters: GatewayCounters

    func send(_ item: MailboxItem, to user: UserID, as key: ClientMessageKey?, answer: @escaping Answer) async throws {
        if let key {
            switch try await store.accept(item, for: user, as: key) {
            case .repeated(let first): return answer(first, true)
            case .accepted(let dropped): counters.countMail(.dropped, by: dropped)
            }
        } else {
            counters.countMail(.dropped, by: try await store.keep(item, for: user))
        }
        let isDelivered = await sockets.deliver(KeptItem(item), to: user) > 0
        if isDelivered, let key { try await store.setDelivered(key) }
        answer(SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: isDelivered), false)
    }

    func notify(_ item: MailboxItem, to user: UserID) async throws {
        // A store that fails loses the second chance, not the first.
        var failure: (any Error)?
        do { counters.countMail(.dropped, by: try await store.keep(item, for: user)) } catch { failure = error }
        _ = await sockets.deliver(KeptItem(item), to: user)
        if let failure { throw failure }
    }

    func copy(_ event: PlainEvent, to user: UserID, except socketID: String) {
        sockets.emit(event.outgoing.notKept, to: ClientSession.deviceRoom(user), except: socketID)
    }

    func send(
        _ event: PlainEvent,
        of item: MailboxItem,
        to room: Room,
        as key: ClientMessageKey?,
        except socketID: String
    ) async throws -> SentMessage {
        if let key, case .repeated(let first) = try await store.accept(item, for: nil, as: key) { return first }
        sockets.emit(event.outgoing, to: room.name, except: socketID)
        return SentMessage(messageID: item.id, timestamp: item.keptAt, delivered: false)
    }

    var entersTogether: Bool { true }
    func enter(_ user: UserID) async throws -> [KeptItem] { try await store.items(for: user).map { KeptItem($0) } }
    func enter(_ users: [UserID]) async throws -> [UserID: [KeptItem]]? {
        try await store.items(for: users).mapValues { items in items.map { KeptItem($0) } }
    }
    func leave(_ user: UserID) {}
}

extension LocalSockets {
    /// Hands an item to the devices of `user` on this node. Returns to how many it was written at once.
    func deliver(_ kept: KeptItem, to user: UserID) async -> Int {
        let event = kept.item.event(isOffline: false)
        return await count(in: ClientSession.deviceRoom(user)) { socket in
            guard let session = socket.data as? ClientSession else { return false }
            return session.mail.deliver(kept, event, to: socket)
        }
    }
}
