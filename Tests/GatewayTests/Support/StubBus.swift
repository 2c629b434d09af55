import GatewayDomain
import NIOCore
import Synchronization

@testable import Gateway

/// A bus between nodes whose answers the test gives.
final class StubBus: TopicSource {
    /// What the router has asked for, in order: `+price:BTC-USDC`, `-price:BTC-USDC`.
    private let asked = Mutex<[String]>([])
    private let router: EventRouter

    var calls: [String] { asked.withLock { $0 } }

    private init(_ router: EventRouter) { self.router = router }

    /// Puts the gateway on such a bus.
    static func attach(to gateway: TestGateway) async throws -> StubBus {
        let bus = StubBus(gateway.server.router)
        try await gateway.server.router.listen(to: bus)
        return bus
    }

    func subscribe(to topic: Topic) { note("+", topic) }
    func unsubscribe(from topic: Topic) { note("-", topic) }

    private func note(_ sign: String, _ topic: Topic) {
        asked.withLock { $0.append(sign + topic.channel.dropFirst("moonx:events:".count)) }
    }

    /// Waits until the router has asked for `count` things.
    func expect(_ calls: [String]) async throws {
        for _ in 0..<3000 where self.calls.count < calls.count { try await Task.sleep(for: .milliseconds(10)) }
        guard self.calls == calls else { throw Unexpected(calls: self.calls) }
    }

    struct Unexpected: Error { let calls: [String] }

    // MARK: What the bus says

    func confirm(_ name: String, last: [String] = [], changes: [String] = []) async throws {
        let values = LastValues(values: try last.map(envelope), changes: try changes.map(envelope))
        try await onLoop { $0.subscribed(to: self.topic(name), last: values) }
    }

    func giveUp(_ name: String) async throws {
        try await onLoop { $0.unsubscribed(from: self.topic(name)) }
    }

    func bring(_ json: String, by name: String) async throws {
        let envelope = try envelope(json)
        let origin: EventOrigin =
            if name == "simple" {
                .simple
            } else {
                switch topic(name) {
                case .room(let room): .room(room)
                case .events(let type): .type(type)
                }
            }
        try await onLoop { $0.receive(envelope, from: origin, bytes: 0) }
    }

    func stream(_ json: String) async throws {
        let envelope = try envelope(json)
        try await onLoop { $0.receive(envelope, from: .stream(nil), bytes: 0) }
    }

    func stream(_ notice: GroupNotice) async throws {
        try await onLoop { $0.receive(notice, from: .stream(nil), bytes: 0) }
    }

    func cut() async throws { try await onLoop { $0.busWasCut() } }
    func gap(_ type: EventType) async throws { try await onLoop { $0.busHasGap(in: .events(type)) } }
    func deaf() async throws { try await onLoop { $0.busIsDeaf(since: $0.now) } }
    func heard() async throws { try await onLoop { $0.busIsHeard(deafFor: .seconds(3)) } }

    /// The last value of a room is fetched from now on, as the bus tells the router.
    func fetch(_ name: String) async throws { try await onLoop { $0.willFetch(self.topic(name)) } }

    func catchUp(_ name: String, last: [String], changes: [String] = []) async throws {
        let values = LastValues(values: try last.map(envelope), changes: try changes.map(envelope))
        try await onLoop { $0.resynchronised(self.topic(name), last: values) }
    }

    /// As the bus does behind a cut: the last values of all these topics are fetched from now on. Gives the rooms that they are fetched of.
    func fetch(all names: [String]) async throws -> [Room] {
        let topics = names.map(topic)
        return try await router.eventLoop.submit { [router] in
            let owed = router.owed(by: topics)
            (topics + owed.map { .room($0) }).forEach(router.willFetch)
            return topics.compactMap { if case .room(let room) = $0 { room } else { nil } } + owed
        }.get()
    }

    /// What ``fetch(all:)`` has begun is here; `last` by the names of the rooms.
    func catchUp(all names: [String], _ rooms: [Room], last: [String: String]) async throws {
        let topics = names.map(topic)
        var values: [Room: LastValues] = [:]
        for (name, value) in last {
            if let room = Room(name: name) { values[room] = LastValues(values: [try envelope(value)]) }
        }
        let fetched = values
        try await onLoop { $0.resynchronised(topics, rooms, fetched) }
    }

    func statistics() async throws -> BusStatistics? { await router.currentStatistics().bus }

    private func envelope(_ json: String) throws -> Envelope { try Envelope(json: Array(json.utf8)) }

    private func topic(_ name: String) -> Topic {
        if name.hasPrefix("type:"), let type = EventType(rawValue: String(name.dropFirst(5))) { return .events(type) }
        guard let room = Room(name: name) else { preconditionFailure("\(name) is no room") }
        return .room(room)
    }

    private func onLoop(_ body: @escaping @Sendable (EventRouter) -> Void) async throws {
        try await router.eventLoop.submit { [router] in body(router) }.get()
    }
}
