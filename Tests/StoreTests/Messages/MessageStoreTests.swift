import Foundation
import GRDB
import GatewayDomain
import RedisServers
import Synchronization
import Testing

@testable import Store

/// All forms of a ``MessageStore`` keep the same promises.
@Suite("MessageStore")
struct MessageStoreTests {
    enum Form: CaseIterable {
        case memory, sqlite, redis

        /// The forms that count what all users have together.
        static let counting: [Form] = [.memory, .sqlite]
        static let testable = RedisServer.isThere ? allCases : counting
    }

    /// A store with a clock of milliseconds that the test moves.
    private final class Post: Sendable {
        let clock = Clock()
        let store: any MessageStore

        init(_ form: Form, _ configure: (inout MailboxBounds) -> Void = { _ in }) async throws {
            var bounds = MailboxBounds()
            configure(&bounds)
            let clock = clock
            switch form {
            case .memory: store = InMemoryMessageStore(bounds: bounds, now: { clock.now })
            case .sqlite: store = try SQLiteMailbox(.memory, bounds: bounds, now: { clock.now })
            case .redis:
                let client = try await SharedRedis.client()
                store = RedisMessageStore(client: client, bounds: bounds, now: { clock.now })
            }
        }

        func item(_ id: String, _ kind: MailboxItem.Kind = .directMessage, bytes: Int = 10) -> MailboxItem {
            MailboxItem(id: id, kind: kind, members: String(repeating: "x", count: bytes - id.utf8.count), keptAt: clock.now)
        }

        func keep(_ id: String, _ kind: MailboxItem.Kind = .directMessage, bytes: Int = 10, for user: UserID) async throws -> Int {
            try await store.keep(item(id, kind, bytes: bytes), for: user)
        }

        func ids(_ user: UserID) async throws -> [String] { try await store.items(for: user).map(\.id) }
    }

    private final class Clock: Sendable {
        private let time = Mutex<Int64>(1_000_000_000_000)
        var now: Int64 { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration.components.seconds * 1000 } }
    }

    private let alice: UserID
    private let bob: UserID

    init() throws {
        // New ones for each test: Redis is one for all.
        alice = try #require(UserID("alice-\(UUID().uuidString)"))
        bob = try #require(UserID("bob-\(UUID().uuidString)"))
    }

    @Test(arguments: Form.testable)
    func whatIsKeptComesBackWholeAndInOrder(_ form: Form) async throws {
        let post = try await Post(form)
        let items = [post.item("b"), post.item("a", .notification), post.item("c")]
        for item in items { #expect(try await post.store.keep(item, for: alice) == 0) }
        _ = try await post.keep("z", for: bob)
        #expect(try await post.store.items(for: alice) == items)
        if form != .redis { #expect(try await post.store.usage() == MailboxUsage(items: 4, bytes: 40)) }
        #expect(try await post.store.remove(["a", "b", "z"], of: alice) == 2)
        #expect(try await post.ids(alice) == ["c"])
        #expect(try await post.ids(bob) == ["z"])
        if form != .redis { #expect(try await post.store.usage() == MailboxUsage(items: 2, bytes: 20)) }
    }

    @Test(arguments: Form.testable)
    func idsOfNothingRemoveNothing(_ form: Form) async throws {
        let post = try await Post(form)
        let odd = "a\"\\ü'\n"
        for id in ["kept", odd] { _ = try await post.keep(id, bytes: 20, for: alice) }
        #expect(try await post.store.remove(Set((0..<1000).map { "unknown-\($0)" }), of: alice) == 0)
        #expect(try await post.store.remove([], of: alice) == 0)
        #expect(try await post.store.remove(["kept"], of: bob) == 0)
        #expect(try await post.ids(alice) == ["kept", odd])
        #expect(try await post.store.remove([odd, "unknown"], of: alice) == 1)
        #expect(try await post.ids(alice) == ["kept"])
    }

    /// All users have one writer.
    @Test func sqliteRemovesManyInOneStatement() async throws {
        let mailbox = try SQLiteMailbox(.memory, now: { 1_000_000_000_000 })
        let statements = Mutex<[String]>([])
        try await mailbox.write { database in
            database.trace { event in
                let text = "\(event)"
                if text.hasPrefix("DELETE") { statements.withLock { $0.append(text) } }
            }
        }
        #expect(try await mailbox.remove(Set((0..<1000).map { "unknown-\($0)" }), of: alice) == 0)
        #expect(statements.withLock { $0.count } == 1)
    }

    @Test(arguments: Form.testable)
    func severalUsersAreAskedForTogether(_ form: Form) async throws {
        let post = try await Post(form)
        for id in ["b", "a"] { _ = try await post.keep(id, for: alice) }
        #expect(try await post.store.items(for: [alice, bob, alice]).mapValues { $0.map(\.id) } == [alice: ["b", "a"]])
        _ = try await post.keep("z", for: bob)
        #expect(try await post.store.items(for: [alice, bob]).mapValues { $0.map(\.id) } == [alice: ["b", "a"], bob: ["z"]])
        #expect(try await post.store.items(for: []).isEmpty)
        post.clock.advance(by: .seconds(100 * 86_400))
        if form != .redis { #expect(try await post.store.items(for: [alice, bob]).isEmpty) }
    }

    @Test(arguments: Form.testable)
    func theSameIDIsKeptOnce(_ form: Form) async throws {
        let post = try await Post(form)
        for _ in 0..<2 { #expect(try await post.keep("a", for: alice) == 0) }
        _ = try await post.keep("a", .notification, for: alice)
        _ = try await post.keep("a", for: bob)
        #expect(try await post.ids(alice) == ["a", "a"])
        #expect(try await post.ids(bob) == ["a"])
    }

    @Test(arguments: Form.testable)
    func theOldestOfAUserGoesBeyondItsBounds(_ form: Form) async throws {
        let post = try await Post(form) {
            $0.messagesPerUser = 2
            $0.notificationsPerUser = 1
            $0.bytesPerUser = 100
        }
        #expect(try await post.keep("a", for: alice) == 0)
        #expect(try await post.keep("n", .notification, for: alice) == 0)
        #expect(try await post.keep("b", for: alice) == 0)
        #expect(try await post.keep("c", for: alice) == 1)
        #expect(try await post.keep("m", .notification, for: alice) == 1)
        #expect(try await post.ids(alice) == ["b", "c", "m"])
        #expect(try await post.keep("d", bytes: 85, for: alice) == 2)
        #expect(try await post.ids(alice) == ["m", "d"])
        if form != .redis { #expect(try await post.store.usage() == MailboxUsage(items: 2, bytes: 95)) }
    }

    @Test(arguments: Form.counting)
    func theOldestOfAllGoesBeyondTheBoundsOfTheStore(_ form: Form) async throws {
        let post = try await Post(form) {
            $0.items = 3
            $0.bytes = 100
        }
        for (id, user) in [("a", alice), ("b", bob), ("c", alice)] { #expect(try await post.keep(id, for: user) == 0) }
        #expect(try await post.keep("d", for: bob) == 1)
        #expect(try await post.ids(alice) == ["c"])
        #expect(try await post.keep("e", bytes: 85, for: alice) == 2)
        #expect(try await post.ids(alice) == ["e"])
        #expect(try await post.ids(bob) == ["d"])
    }

    @Test(arguments: Form.testable)
    func whatIsTooOldIsGone(_ form: Form) async throws {
        let post = try await Post(form) { $0.lifetime = .seconds(60) }
        _ = try await post.keep("a", for: alice)
        _ = try await post.keep("b", for: bob)
        post.clock.advance(by: .seconds(60))
        #expect(try await post.ids(alice) == ["a"])
        post.clock.advance(by: .seconds(1))
        #expect(try await post.ids(alice) == [])
        // Being forgotten with age is not being pushed out.
        #expect(try await post.keep("c", for: alice) == 0)
        #expect(try await post.ids(alice) == ["c"])
    }

    @Test(arguments: Form.testable)
    func aRepeatedNameGetsTheFirstAnswer(_ form: Form) async throws {
        let post = try await Post(form)
        let key = try #require(ClientMessageKey(sender: alice, id: "m1"))
        let first = post.item("a")
        #expect(try await post.store.accept(first, for: bob, as: key) == .accepted(dropped: 0))
        let answer = SentMessage(messageID: "a", timestamp: first.keptAt, delivered: false)
        #expect(try await post.store.accept(post.item("b"), for: bob, as: key) == .repeated(answer))
        try await post.store.setDelivered(key)
        post.clock.advance(by: .seconds(10))
        let delivered = SentMessage(messageID: "a", timestamp: first.keptAt, delivered: true)
        #expect(try await post.store.accept(post.item("c"), for: alice, as: key) == .repeated(delivered))
        #expect(try await post.ids(bob) == ["a"])
        #expect(try await post.ids(alice) == [])
        // Another sender's name is another name.
        let other = try #require(ClientMessageKey(sender: bob, id: "m1"))
        #expect(try await post.store.accept(post.item("d"), for: nil, as: other) == .accepted(dropped: 0))
        if form != .redis { #expect(try await post.store.usage()?.items == 1) }
    }

    @Test(arguments: Form.testable)
    func aNameIsForgottenWithTheWindow(_ form: Form) async throws {
        let post = try await Post(form) { $0.repeatWindow = .seconds(100) }
        let key = try #require(ClientMessageKey(sender: alice, id: "m1"))
        #expect(try await post.store.accept(post.item("a"), for: nil, as: key) == .accepted(dropped: 0))
        post.clock.advance(by: .seconds(101))
        #expect(try await post.store.accept(post.item("b"), for: nil, as: key) == .accepted(dropped: 0))
    }

    @Test(arguments: Form.testable)
    func theOldestNameGoesBeyondTheBounds(_ form: Form) async throws {
        let post = try await Post(form) {
            $0.rememberedPerSender = 2
            $0.remembered = 3
        }
        func accept(_ sender: UserID, _ id: String) async throws -> Bool {
            let key = try #require(ClientMessageKey(sender: sender, id: id))
            return try await post.store.accept(post.item(id), for: nil, as: key) == .accepted(dropped: 0)
        }
        for id in ["a", "b", "c"] { #expect(try await accept(alice, id)) }
        // "a" has gone for "c", "c" is there.
        #expect(try await accept(alice, "c") == false)
        #expect(try await accept(alice, "a"))
        for id in ["d", "e", "f", "g"] { #expect(try await accept(bob, id)) }
        #expect(try await accept(bob, "g") == false)
        // The bound over all senders.
        if form != .redis { #expect(try await accept(alice, "c")) }
    }

    @Test func aFileKeepsEverythingOverARestart() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "messages.sqlite")
        let clock = Clock()
        let key = try #require(ClientMessageKey(sender: alice, id: "m1"))
        let item = MailboxItem(id: "a", kind: .directMessage, members: "\"x\":\"ü\"", keptAt: clock.now)
        let before = try SQLiteMailbox(.file(file), now: { clock.now })
        #expect(try await before.accept(item, for: bob, as: key) == .accepted(dropped: 0))
        try before.close()
        let after = try SQLiteMailbox(.file(file), now: { clock.now })
        #expect(try await after.items(for: bob) == [item])
        #expect(try await after.usage() == MailboxUsage(items: 1, bytes: item.byteCount))
        let answer = SentMessage(messageID: "a", timestamp: item.keptAt, delivered: false)
        #expect(try await after.accept(item, for: bob, as: key) == .repeated(answer))
        try after.close()
        await #expect(throws: (any Error).self) { try await after.items(for: bob) }
    }
}
