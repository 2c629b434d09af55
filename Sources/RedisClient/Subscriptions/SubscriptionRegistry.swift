import NIOCore
import RESP

/// What is subscribed over one connection, and what of it Redis has confirmed. Generic over who waits for a confirmation, so that its rules
/// can be tested with strings.
///
/// Redis answers in the order of the commands: one confirmation for each name, or one error for the whole command.
struct SubscriptionRegistry<Waiter> {
    typealias Kind = RedisSubscriptions.Kind

    /// A channel or a pattern.
    struct Key: Hashable {
        let kind: Kind
        let name: String
    }

    /// What a value that came means.
    enum Event {
        /// Something was published.
        case message(Key, RedisMessage)
        /// These waited for a confirmation, which has come.
        case confirmed([Waiter])
        /// Redis refuses a name; these waited for it.
        case refused([Waiter], RESPError)
        /// Redis refuses several names at once: each is asked for by itself, so that one does not take the others along.
        case apart([RedisCommand])
        /// Redis refuses what it had confirmed before: it stays, and is asked for by ``SubscriptionRegistry/askAgain()``.
        case withheld(Key, RESPError, isNew: Bool)
        /// Redis refuses to say that it lives: the connection is of no use.
        case lost(RESPError)
        /// It lives, and has answered what was asked before.
        case alive
        /// The node has given the slot of a channel away, or never had it; where it says who has it, that is in the error.
        case moved([Key], RESPError?)
        /// Nothing.
        case none
        /// Nothing that is expected.
        case unexpected
    }

    private struct Entry {
        /// Tells a subscription from an earlier one of the same name.
        let serial: Int
        var isConfirmed = false
        /// Whether Redis has ever confirmed it.
        var wasConfirmed = false
        /// Whether it has refused it since.
        var isWithheld = false
        var waiters: [Waiter] = []
    }

    private struct Sent {
        var key: Key
        /// `nil`: taken back.
        var serial: Int?
        /// Where it is the last of its command.
        var isLast: Bool
    }

    private var entries: [Key: Entry] = [:]
    private var sent = CircularBuffer<Sent?>()
    private var lastSerial = 0
    /// How many had been confirmed before the last cut and are not again.
    private var missing = 0
    private(set) var isConnected = false

    /// Whether everything that Redis has ever confirmed is confirmed on the connection there is. A new subscription changes nothing: nobody
    /// relies on it yet.
    var isIntact: Bool { missing == 0 }

    var isEmpty: Bool { entries.isEmpty }
    var keys: some Collection<Key> { entries.keys }

    /// Whether this is subscribed, confirmed or not.
    func contains(_ key: Key) -> Bool { entries[key] != nil }

    /// Adds what is to be subscribed; the caller sees to it that it is not there yet.
    ///
    /// - Parameter wasConfirmed: Whether another node had confirmed it.
    mutating func subscribe(_ key: Key, _ waiters: [Waiter] = [], wasConfirmed: Bool = false) -> [RedisCommand] {
        lastSerial += 1
        entries[key] = Entry(serial: lastSerial, wasConfirmed: wasConfirmed, waiters: waiters)
        if wasConfirmed { missing += 1 }
        guard isConnected else { return [] }
        return [command(key.kind, [key.name])]
    }

    /// Takes it back. Returns who still waits for its confirmation, and whether it has ever come.
    mutating func unsubscribe(_ key: Key) -> (commands: [RedisCommand], waiters: [Waiter], wasConfirmed: Bool) {
        guard let entry = entries.removeValue(forKey: key) else { return ([], [], false) }
        if entry.wasConfirmed, !entry.isConfirmed { missing -= 1 }
        guard isConnected else { return ([], entry.waiters, entry.wasConfirmed) }
        sent.append(Sent(key: key, serial: nil, isLast: true))
        return ([RedisCommand(key.kind.unsubscribe, [.string(key.name)])], entry.waiters, entry.wasConfirmed)
    }

    /// There is a connection: everything is subscribed on it.
    mutating func connected() -> [RedisCommand] {
        isConnected = true
        let names = Dictionary(grouping: entries.keys, by: \.kind).mapValues { $0.map(\.name).sorted() }
        return Kind.allCases.flatMap { kind -> [RedisCommand] in
            // The names of one command with sharded channels have to be in one slot.
            let size = kind == .sharded ? 1 : Self.namesInCommand
            let names = names[kind] ?? []
            return stride(from: 0, to: names.count, by: size).map { start in
                command(kind, Array(names[start..<min(start + size, names.count)]))
            }
        }
    }

    private static var namesInCommand: Int { 256 }

    private mutating func command(_ kind: Kind, _ names: [String]) -> RedisCommand {
        for (index, name) in names.enumerated() {
            let key = Key(kind: kind, name: name)
            sent.append(Sent(key: key, serial: entries[key]?.serial, isLast: index == names.count - 1))
        }
        return RedisCommand(kind.subscribe, names.map { .string($0) })
    }

    /// What Redis has confirmed once and refuses now is asked for again: its access list may have changed.
    mutating func askAgain() -> [RedisCommand] {
        guard isConnected, missing > 0 else { return [] }
        let keys = entries.filter { $0.value.isWithheld && !$0.value.isConfirmed }.keys
        return keys.sorted { $0.name < $1.name }.map { command($0.kind, [$0.name]) }
    }

    /// The connection is asked whether it lives.
    mutating func ping() -> RedisCommand {
        sent.append(nil)
        return RedisCommand("PING")
    }

    /// The connection is cut. Who waits goes on waiting.
    mutating func cut() {
        isConnected = false
        sent.removeAll()
        for key in entries.keys { entries[key]?.isConfirmed = false }
        missing = entries.values.count { $0.wasConfirmed }
    }

    /// A value came over the connection.
    mutating func received(_ value: RESPValue) -> Event {
        if let error = value.error { return failed(error) }
        if value.string == "PONG" { return expectPong() }
        guard let parts = value.array, let kind = parts.first?.string else { return .unexpected }
        switch (kind, parts.count) {
        case ("message", 3): return message(.channel, parts[1], parts[1], parts[2])
        case ("smessage", 3): return message(.sharded, parts[1], parts[1], parts[2])
        case ("pmessage", 4): return message(.pattern, parts[1], parts[2], parts[3])
        case ("subscribe", 3): return confirmed(.channel, parts[1])
        case ("psubscribe", 3): return confirmed(.pattern, parts[1])
        case ("ssubscribe", 3): return confirmed(.sharded, parts[1])
        case ("unsubscribe", 3): return ended(.channel, parts[1])
        case ("punsubscribe", 3): return ended(.pattern, parts[1])
        case ("sunsubscribe", 3): return ended(.sharded, parts[1])
        case ("pong", _): return expectPong()
        default:
            // Other kinds of pushes are nothing that was asked for here.
            if case .push = value { return .none }
            return .unexpected
        }
    }

    private mutating func expectPong() -> Event {
        guard let first = sent.first, first == nil else { return .unexpected }
        sent.removeFirst()
        return .alive
    }

    private func message(_ kind: Kind, _ name: RESPValue, _ channel: RESPValue, _ payload: RESPValue) -> Event {
        guard let name = name.string, let channel = channel.string, let payload = payload.buffer else { return .unexpected }
        let key = Key(kind: kind, name: name)
        // One that was on its way when its channel was given up.
        guard entries[key] != nil else { return .none }
        return .message(key, RedisMessage(channel: channel, pattern: kind == .pattern ? name : nil, payload: payload))
    }

    private mutating func confirmed(_ kind: Kind, _ name: RESPValue) -> Event {
        guard let first = sent.first, let expected = first, expected.serial != nil,
            expected.key == Key(kind: kind, name: name.string ?? "")
        else { return .unexpected }
        sent.removeFirst()
        guard var entry = entries[expected.key], entry.serial == expected.serial, !entry.isConfirmed else { return .none }
        let waiters = entry.waiters
        if entry.wasConfirmed { missing -= 1 }
        (entry.isConfirmed, entry.wasConfirmed, entry.isWithheld, entry.waiters) = (true, true, false, [])
        entries[expected.key] = entry
        return .confirmed(waiters)
    }

    private mutating func ended(_ kind: Kind, _ name: RESPValue) -> Event {
        let key = Key(kind: kind, name: name.string ?? "")
        if let first = sent.first, let expected = first, expected.serial == nil, expected.key == key {
            sent.removeFirst()
            return .none
        }
        // Without having been asked: the slot has a new owner.
        guard kind == .sharded else { return .unexpected }
        if entries[key]?.isConfirmed == true {
            entries[key]?.isConfirmed = false
            missing += 1
        }
        return .moved([key], nil)
    }

    private mutating func failed(_ error: RESPError) -> Event {
        var refused: [Key] = []
        var count = 0
        while let first = sent.popFirst() {
            // An answer to a ping: the connection is not what it should be.
            guard let expected = first else { return .lost(error) }
            count += 1
            if let entry = entries[expected.key], entry.serial == expected.serial, !entry.isConfirmed { refused.append(expected.key) }
            guard expected.isLast else { continue }
            if error.code == "MOVED" || error.code == "CLUSTERDOWN" { return .moved(refused, error) }
            if count > 1 { return .apart(refused.map { command($0.kind, [$0.name]) }) }
            guard let key = refused.first, let entry = entries[key] else { return .none }
            // Somebody relies on it.
            guard entry.wasConfirmed else {
                entries[key] = nil
                return .refused(entry.waiters, error)
            }
            entries[key]?.isWithheld = true
            return .withheld(key, error, isNew: !entry.isWithheld)
        }
        return .unexpected
    }
}

extension RedisSubscriptions.Kind {
    var subscribe: String {
        switch self {
        case .channel: "SUBSCRIBE"
        case .pattern: "PSUBSCRIBE"
        case .sharded: "SSUBSCRIBE"
        }
    }

    var unsubscribe: String {
        switch self {
        case .channel: "UNSUBSCRIBE"
        case .pattern: "PUNSUBSCRIBE"
        case .sharded: "SUNSUBSCRIBE"
        }
    }
}
