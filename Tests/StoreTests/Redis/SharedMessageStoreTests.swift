import Foundation
import GatewayDomain
import RESP
import RedisClient
import RedisServers
import Synchronization
import Testing

@testable import Store

/// What a ``RedisMessageStore`` does beyond a store of one node: it tells the nodes of what it keeps.
@Suite("SharedMessageStore", .enabled(if: RedisServer.isThere, "\(RedisServer.missing)"))
struct SharedMessageStoreTests {
    private let user: UserID
    private let sender: UserID
    private let node: NodeID

    init() throws {
        user = try #require(UserID("user-\(UUID().uuidString)"))
        sender = try #require(UserID("sender-\(UUID().uuidString)"))
        var generator = SystemRandomNumberGenerator()
        node = NodeID(startedAt: 1_800_000_000_000, using: &generator)
    }

    private func item(_ id: String, _ kind: MailboxItem.Kind = .directMessage, members: String = #""message":"ü\n""#) -> MailboxItem {
        MailboxItem(id: id, kind: kind, members: members, keptAt: 1_800_000_000_000)
    }

    /// What comes over the user's channel.
    private final class Listener: Sendable {
        private let heard = Mutex<[MailNotice]>([])
        private let client: RedisClient

        var notices: [MailNotice] { heard.withLock { $0 } }

        init(_ client: RedisClient, _ user: UserID) async throws {
            self.client = client
            try await client.subscriptions.subscribe(StateKeys.devices(user)) { [self] message in
                if let notice = MailNotice(message.payload) { heard.withLock { $0.append(notice) } }
            }
        }

        func wait(for count: Int) async throws {
            while notices.count < count { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test func nodesThatListenAreToldInTheOrderOfThePlaces() async throws {
        let client = try await SharedRedis.client()
        let store = RedisMessageStore(client: client, now: { 1_800_000_000_000 })
        #expect(try await store.keep(item("a"), for: user, telling: node) == SharedKeeping(dropped: 0, nodesTold: 0))
        let listeners = [
            try await Listener(client, user), try await Listener(try await SharedRedis.client(), user),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { [self] in
                    let keeping = try await store.keep(item("m\(number)"), for: user, telling: node)
                    #expect(keeping == SharedKeeping(dropped: 0, nodesTold: 2))
                }
            }
            try await group.waitForAll()
        }
        let kept = try await store.keptItems(for: user)
        #expect(kept.count == 41)
        for listener in listeners {
            try await listener.wait(for: 40)
            #expect(listener.notices.map(\.kept) == Array(kept.dropFirst()))
            #expect(Set(listener.notices.map(\.node)) == [node])
        }
    }

    @Test func aNotificationThatEveryNodeReadsIsKeptAndToldOnce() async throws {
        let client = try await SharedRedis.client()
        let store = RedisMessageStore(client: client, now: { 1_800_000_000_000 })
        let listener = try await Listener(client, user)
        let notification = item("one two\nthree", .notification)
        for round in 0..<3 {
            let keeping = try await store.keep(notification, for: user, telling: node)
            #expect(keeping == SharedKeeping(dropped: 0, nodesTold: round == 0 ? 1 : 0))
            // Taken in by the user, it does not come back with a node that is late.
            try await store.remove([notification.id], of: user)
        }
        _ = try await store.keep(item("end"), for: user, telling: node)
        try await listener.wait(for: 2)
        #expect(listener.notices.map(\.kept.item) == [notification, item("end")])
        #expect(try await store.items(for: user) == [item("end")])
    }

    /// A publisher may name its notifications as it likes; what it says twice within two minutes is dropped before it comes here.
    @Test func anotherNotificationOfTheSameNameIsToldAndTakesItsPlace() async throws {
        let client = try await SharedRedis.client()
        let store = RedisMessageStore(client: client, now: { 1_800_000_000_000 })
        let listener = try await Listener(client, user)
        let alerts = ["1", "2"].map { item("alert", .notification, members: "\"n\":\($0)") }
        for (index, alert) in alerts.enumerated() {
            for round in 0..<2 {
                var said = alert
                said.sentAt = Int64(index)
                #expect(try await store.keep(said, for: user, telling: node).nodesTold == 1 - round)
            }
        }
        try await listener.wait(for: 2)
        #expect(listener.notices.map(\.kept.item) == alerts)
        #expect(try await store.items(for: user) == [alerts[1]])
        #expect(try await store.remove(["alert", "unknown"], of: user) == 1)
        #expect(try await store.items(for: user).isEmpty)
    }

    /// Who begins reads the stream of an hour, and of a user's notifications the last thousand are known by name.
    @Test func aNotificationOlderThanThoseKnownByNameWasTold() async throws {
        let began: Int64 = 1_800_000_000_000
        let store = RedisMessageStore(client: try await SharedRedis.client(), now: { began + 600_000 })
        func keep(_ id: String, at time: Int64) async throws {
            _ = try await store.keep(MailboxItem(id: id, kind: .notification, members: "", keptAt: began + time, sentAt: began), for: user)
        }
        for number in 0..<1002 { try await keep("n\(number)", at: Int64(number)) }
        let told = try await store.items(for: user).map(\.id)
        #expect(told.last == "n1001")
        for number in 0..<1002 { try await keep("n\(number)", at: Int64(number)) }
        #expect(try await store.items(for: user).map(\.id) == told)
        try await keep("missed", at: 500)
        #expect(try await store.items(for: user).map(\.id) == told.dropFirst() + ["missed"])
    }

    @Test func placesRiseAlsoWhereTheClockGoesBack() async throws {
        let client = try await SharedRedis.client()
        let time = Mutex<Int64>(1_800_000_000_000)
        let store = RedisMessageStore(client: client, now: { time.withLock { $0 } })
        for (id, keptAt) in [("a", Int64(1_800_000_000_000)), ("b", 1_799_999_999_000), ("c", 1_800_000_000_000)] {
            _ = try await store.keep(MailboxItem(id: id, kind: .directMessage, members: "", keptAt: keptAt), for: user)
        }
        let kept = try await store.keptItems(for: user)
        #expect(kept.map(\.item.id) == ["a", "b", "c"])
        #expect(kept.compactMap(\.place) == [1_800_000_000_000_000, 1_800_000_000_000_001, 1_800_000_000_000_002])
    }

    @Test func anAttemptThatBrokeOffIsFinishedByItsRepeat() async throws {
        let client = try await SharedRedis.client()
        let store = RedisMessageStore(client: client, now: { 1_800_000_000_000 })
        let key = try #require(ClientMessageKey(sender: sender, id: "m 1"))
        // The name was taken, and the node died before the message was kept.
        _ = try await client.run(
            MailScripts.claim,
            keys: [StateKeys.sent(sender), StateKeys.sentOrder(sender)],
            arguments: ["m 1", "c 0 1800000000000 first", "1800000000000", "1799999999000", 100, 86_400_000]
        )
        let again = item("second", members: #""messageId":"second""#)
        let accepted = SentMessage(messageID: "first", timestamp: 1_800_000_000_000, delivered: false)
        #expect(try await store.accept(again, for: user, as: key, telling: node) == .accepted(.init(dropped: 0, nodesTold: 0), accepted))
        #expect(try await store.items(for: user) == [item("first", members: #""messageId":"first""#)])
        #expect(try await store.accept(again, for: user, as: key, telling: node) == .repeated(accepted))
    }

    @Test func aMessageThatIsNotKeptIsUnfinishedUntilItIsSaidToBeSent() async throws {
        let store = RedisMessageStore(client: try await SharedRedis.client(), now: { 1_800_000_000_000 })
        let key = try #require(ClientMessageKey(sender: sender, id: "m1"))
        let first = SentMessage(messageID: "a", timestamp: item("a").keptAt, delivered: false)
        #expect(try await store.begin(item("a"), as: key) == .new)
        #expect(try await store.begin(item("b"), as: key) == .unfinished(first))
        try await store.finish(key)
        #expect(try await store.begin(item("c"), as: key) == .finished(first))
    }

    @Test func everyKeyExpires() async throws {
        let client = try await SharedRedis.client()
        let store = RedisMessageStore(client: client, now: { 1_800_000_000_000 })
        let key = try #require(ClientMessageKey(sender: sender, id: "m1"))
        _ = try await store.accept(item("a"), for: user, as: key, telling: node)
        _ = try await store.keep(item("n", .notification), for: user)
        var keys: [String] = []
        for name in [user, sender] {
            keys += try await client.send(RedisCommand("KEYS", .string("moonx:*\(name)*"))).array?.compactMap(\.string) ?? []
        }
        #expect(keys.count == 6)
        for key in keys {
            let lifetime = try await client.send(RedisCommand("PTTL", .string(key))).integer ?? -1
            #expect(lifetime > 0, "\(key)")
        }
    }
}
