import GatewayDomain
import Testing

@Suite("Mailbox")
struct MailboxTests {
    private var mailbox = Mailbox()
    private var bounds: MailboxBounds = {
        var bounds = MailboxBounds()
        bounds.messagesPerUser = 3
        bounds.notificationsPerUser = 2
        bounds.bytesPerUser = 100
        return bounds
    }()

    private func item(_ id: String, _ kind: MailboxItem.Kind = .directMessage, bytes: Int = 10, at time: Int64 = 0) -> MailboxItem {
        MailboxItem(id: id, kind: kind, members: String(repeating: "x", count: bytes - id.utf8.count), keptAt: time)
    }

    @discardableResult
    private mutating func keep(_ items: MailboxItem...) -> Int {
        items.reduce(0) { $0 + mailbox.keep($1, bounds: bounds) }
    }

    private var ids: [String] { mailbox.items.map(\.id) }

    @Test mutating func keepsWhatComesInItsOrder() {
        keep(item("a"), item("n", .notification), item("b"))
        #expect(ids == ["a", "n", "b"])
        #expect(mailbox.byteCount == 30)
    }

    @Test mutating func theOldestOfAKindGoesBeyondItsBound() {
        let dropped = keep(item("a"), item("n", .notification), item("b"), item("c"), item("d"), item("e"))
        #expect(dropped == 2)
        #expect(ids == ["n", "c", "d", "e"])
        let more = keep(item("o", .notification), item("p", .notification))
        #expect(more == 1)
        #expect(ids == ["c", "d", "e", "o", "p"])
    }

    @Test mutating func theOldestOfAllGoBeyondTheBytes() {
        keep(item("a"), item("n", .notification, bytes: 40))
        let dropped = keep(item("b", bytes: 60))
        #expect(dropped == 1)
        #expect(ids == ["n", "b"])
        let all = keep(item("c", bytes: 101))
        #expect(all == 3)
        #expect(ids == [])
        #expect(mailbox.byteCount == 0)
    }

    @Test mutating func aRepeatIsLeftAsItIs() {
        keep(item("a"), item("b"))
        let dropped = keep(item("a", bytes: 90))
        #expect(dropped == 0)
        #expect(mailbox.byteCount == 20)
        // The same id of another kind is something else.
        keep(item("a", .notification))
        #expect(ids == ["a", "b", "a"])
    }

    @Test mutating func whatIsTakenInOrTooOldGoes() {
        keep(item("a", at: 1), item("b", at: 2), item("c", at: 3))
        mailbox.expire(before: 2)
        #expect(ids == ["b", "c"])
        mailbox.remove(["c", "x"])
        #expect(ids == ["b"])
        #expect(mailbox.byteCount == 10)
        mailbox.removeOldest()
        mailbox.removeOldest()
        #expect(ids == [])
    }

    @Test func aNameForAMessageHasALength() throws {
        let alice = try #require(UserID("alice-0001"))
        #expect(ClientMessageKey(sender: alice, id: "") == nil)
        #expect(ClientMessageKey(sender: alice, id: String(repeating: "x", count: 128)) != nil)
        #expect(ClientMessageKey(sender: alice, id: String(repeating: "x", count: 129)) == nil)
    }
}
