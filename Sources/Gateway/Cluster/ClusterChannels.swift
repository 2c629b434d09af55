import NIOCore
import RedisClient
import Store
import Synchronization

/// The channels that this node listens to as long as somebody here wants what comes over them: counted, and kept for a while after the last,
/// because many come back.
///
/// The lock is held for a few instructions, at connecting and at the arrival of a message to a channel, never for a client's event.
final class ClusterChannels: Sendable {
    private enum State {
        case idle
        case subscribing([@Sendable (Result<Void, RedisError>) -> Void])
        case live
    }

    private struct Entry {
        var holders = 0
        var state = State.idle
        /// Since when nobody has wanted it.
        var unwantedSince: Duration?
        /// Something may have been missed, and nobody has been told so yet.
        var isDoubtful = false
        /// What was missed could not be made good, and is yet to be.
        var isBehind = false
        /// How often that has happened.
        var doubts = 0
        /// Tells an entry from an earlier one of the same name.
        let serial: Int

        var isLive: Bool { if case .live = state { true } else { false } }
        var isSubscribing: Bool { if case .subscribing = state { true } else { false } }

        /// Somebody is told, and makes good what was missed.
        mutating func settle() {
            isDoubtful = false
            isBehind = false
        }
    }

    private struct Table {
        var entries: [String: Entry] = [:]
        var lastSerial = 0
        var isCut = false
    }

    private let client: RedisClient
    private let linger: Duration
    private let uptime: @Sendable () -> Duration
    private let receive: @Sendable (_ channel: String, _ payload: ByteBuffer) -> Void
    private let missed: @Sendable (_ channels: [String]) -> Void
    private let failed: @Sendable (RedisError) -> Void
    private let table = Mutex(Table())

    /// - Parameters:
    ///   - linger: How long a channel is kept that nobody wants.
    ///   - receive: Gets what comes, on the client's loop.
    ///   - missed: Is told of channels over which something may have been missed, once they are live again, and before `receive` gets what
    ///     comes over them next.
    ///   - failed: Is told why a channel could not be subscribed.
    init(
        client: RedisClient,
        linger: Duration = .seconds(10),
        uptime: @escaping @Sendable () -> Duration,
        receive: @escaping @Sendable (_ channel: String, _ payload: ByteBuffer) -> Void,
        missed: @escaping @Sendable (_ channels: [String]) -> Void,
        failed: @escaping @Sendable (RedisError) -> Void
    ) {
        self.client = client
        self.linger = linger
        self.uptime = uptime
        self.receive = receive
        self.missed = missed
        self.failed = failed
        client.subscriptions.onStateChange { [weak self] state in self?.changed(to: state) }
    }

    private func changed(to state: RedisSubscriptions.State) {
        table.withLock { table in
            table.isCut = state == .cut
            guard table.isCut else { return }
            for name in table.entries.keys { table.entries[name]?.isDoubtful = true }
        }
        if state == .live { settleDoubts() }
    }

    private func settleDoubts() {
        let names = table.withLock { table -> [String] in
            guard !table.isCut else { return [] }
            let names = table.entries.filter { $0.value.isDoubtful && $0.value.isLive && $0.value.holders > 0 }.map(\.key)
            for name in names { table.entries[name]?.settle() }
            return names
        }
        if !names.isEmpty { missed(names) }
    }

    /// What was missed over a channel could not be made good: ``missed`` is called again.
    func doubt(_ name: String) {
        table.withLock { table in
            table.entries[name]?.isDoubtful = true
            table.entries[name]?.isBehind = true
            table.entries[name]?.doubts += 1
        }
    }

    /// How often what was missed over a channel could not be made good; `nil` while that is yet to be done. What has come over it is in order
    /// as long as this stays the same.
    func doubts(_ name: String) -> Int? {
        table.withLock { table in table.entries[name].flatMap { $0.isBehind ? nil : $0.doubts } }
    }

    private func arrived(_ name: String, _ payload: ByteBuffer) {
        let isDoubtful = table.withLock { table in
            // While something is cut there may be more to miss, of which nobody is told: of several links only the first that breaks is said.
            defer { if !table.isCut { table.entries[name]?.settle() } }
            return table.entries[name]?.isDoubtful == true
        }
        if isDoubtful { missed([name]) }
        receive(name, payload)
    }

    /// How many channels are held or linger.
    var count: Int { table.withLock { $0.entries.count } }

    /// Somebody here wants the channel, until ``release(_:)``. Does not wait.
    func hold(_ name: String) {
        table.withLock { table in
            if table.entries[name] == nil {
                table.lastSerial += 1
                table.entries[name] = Entry(serial: table.lastSerial)
            }
            table.entries[name]?.holders += 1
            table.entries[name]?.unwantedSince = nil
            subscribe(name, &table)
        }
    }

    /// Somebody wants it no longer.
    func release(_ name: String) {
        let now = uptime()
        table.withLock { table in
            guard let holders = table.entries[name]?.holders, holders > 0 else { return }
            table.entries[name]?.holders = holders - 1
            if holders == 1 { table.entries[name]?.unwantedSince = now }
        }
    }

    /// Returns when what is sent to a channel that is held arrives here.
    func ready(_ name: String) async throws(RedisError) {
        let result: Result<Void, RedisError> = await withCheckedContinuation { continuation in
            let answer: Result<Void, RedisError>? = table.withLock { table in
                guard table.entries[name] != nil else { return .success(()) }
                subscribe(name, &table)
                switch table.entries[name]?.state {
                case .subscribing(let waiting):
                    table.entries[name]?.state = .subscribing(waiting + [{ continuation.resume(returning: $0) }])
                    return nil
                case .live, .idle, nil: return .success(())
                }
            }
            if let answer { continuation.resume(returning: answer) }
        }
        try result.get()
    }

    /// Gives up channels that nobody wants, and tries again what has failed. To be called now and then.
    func tend() {
        settleDoubts()
        let now = uptime()
        table.withLock { table in
            for (name, entry) in table.entries {
                if entry.holders > 0 {
                    subscribe(name, &table)
                } else if let since = entry.unwantedSince, now - since >= linger, !entry.isSubscribing {
                    // Before Redis has answered it is kept: somebody may wait in ``ready(_:)`` for what the entry alone can pass on.
                    table.entries[name] = nil
                    client.subscriptions.endSubscription(name, kind: client.channelKind)
                }
            }
        }
    }

    /// In the lock, so that what is asked of the client comes in the order of the table's changes.
    private func subscribe(_ name: String, _ table: inout Table) {
        guard let entry = table.entries[name], case .idle = entry.state else { return }
        table.entries[name]?.state = .subscribing([])
        client.subscriptions.subscribe(name, kind: client.channelKind) { [weak self] message in
            self?.arrived(name, message.payload)
        } done: { [weak self] result in
            self?.subscribed(name, entry.serial, result)
        }
    }

    private func subscribed(_ name: String, _ serial: Int, _ result: Result<Void, RedisError>) {
        let waiting = table.withLock { table -> [@Sendable (Result<Void, RedisError>) -> Void] in
            guard let entry = table.entries[name], entry.serial == serial, case .subscribing(let waiting) = entry.state else { return [] }
            switch result {
            case .success: table.entries[name]?.state = .live
            case .failure:
                table.entries[name]?.state = .idle
                table.entries[name]?.isDoubtful = true
            }
            return waiting
        }
        if case .failure(let error) = result { failed(error) }
        for done in waiting { done(result) }
        if case .success = result { settleDoubts() }
    }
}
