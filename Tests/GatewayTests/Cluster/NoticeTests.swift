import GatewayDomain
import NIOCore
import Store
import Testing

@testable import Gateway

@Suite("What nodes tell each other")
struct NoticeTests {
    private let node: NodeID
    private let user: UserID

    init() throws {
        var generator = SystemRandomNumberGenerator()
        node = NodeID(startedAt: 1_800_000_000_000, using: &generator)
        user = try #require(UserID("alice-0001"))
    }

    private func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    @Test func copiesAreReadBack() {
        for except in [nil, "socket"] {
            let notice = CopyNotice(PlainEvent(name: "direct_message", json: "{\"m\":\"a\nb\"}"), except: except)
            #expect(CopyNotice(buffer(notice.text)) == notice)
        }
    }

    @Test func messagesToGroupsAreReadBack() {
        let notice = GroupNotice(room: .group("my-group-1"), except: "socket", id: "m-1", json: "{\"m\":\"a\nb\"}")
        #expect(GroupNotice(buffer(notice.text)) == notice)
        #expect(GroupNotice(buffer("g trade:BTC-USDC socket id\n{}")) == nil)
    }

    @Test func usageIsReadBackInAsManyNoticesAsItTakes() throws {
        let counts = Dictionary(uniqueKeysWithValues: try (0..<2_500).map { (try #require(UserID("user-\(10_000 + $0)")), $0 + 1) })
        let notices = UsageNotice.notices(node: node, counts: counts)
        #expect(notices.count == 3)
        let read = notices.compactMap { UsageNotice(buffer($0.text)) }
        #expect(read == notices)
        #expect(read.reduce(into: [:]) { $0.merge($1.counts) { _, last in last } } == counts)
        #expect(UsageNotice.notices(node: node, counts: [:]).isEmpty)
    }

    @Test func presenceIsReadAsItIsPublished() {
        #expect(SeenPresence(buffer("7 away 12")) == SeenPresence(version: 7, presence: Presence(.away, lastSeen: 12)))
        #expect(SeenPresence(buffer("7 offline -")) == SeenPresence(version: 7, presence: Presence(.offline, lastSeen: nil)))
    }

    @Test func mailIsReadAsItIsPublished() {
        let notice = MailNotice(buffer("m 12 n \(node) 34 5\na\nb c\"title\":\"ü\""))
        let item = MailboxItem(id: "a\nb c", kind: .notification, members: "\"title\":\"ü\"", keptAt: 34)
        #expect(notice?.kept == KeptItem(item, place: 12))
        #expect(notice?.node == node)
        #expect(MailNotice(buffer("m 12 d - 34 0\n"))?.node == nil)
    }

    /// What is cut off anywhere, or is something else, is refused; nothing traps.
    @Test(arguments: [
        "m 12 n - 34 5\nabcde", "c - name\n{}", "g group:my-group-1 s m\n{", "u \(String(repeating: "a", count: 21))\nalice-0001 20",
        "7 away 12",
    ])
    func whatIsNotWholeIsRefused(_ text: String) {
        var read = 0
        for length in 0..<text.utf8.count {
            var cut = buffer(text)
            cut.moveWriterIndex(to: length)
            if MailNotice(cut) != nil || GroupNotice(cut) != nil { read += 1 }
            _ = (CopyNotice(cut), UsageNotice(cut), SeenPresence(cut))
        }
        #expect(read == 0)
        for byte in UInt8.min...UInt8.max {
            for position in 0..<text.utf8.count {
                var changed = buffer(text)
                changed.setInteger(byte, at: position)
                _ = (MailNotice(changed), CopyNotice(changed), GroupNotice(changed), UsageNotice(changed), SeenPresence(changed))
            }
        }
        for other in [
            "", " ", "\n", "g", "g group:my-group-1 s \n{}", "g group:short s m\n{}", "m", "m 1 x - 1 0\n", "m 1 d - 1 -1\n",
            "m 1 d - 1 9\nabc", "c  name\n{}", "u x\n", "1 gone 2", "x away 1",
        ] {
            let bytes = buffer(other)
            #expect(MailNotice(bytes) == nil)
            #expect(CopyNotice(bytes) == nil)
            #expect(GroupNotice(bytes) == nil)
            #expect(UsageNotice(bytes) == nil)
            #expect(SeenPresence(bytes) == nil)
        }
    }

    /// What a table says to one input: the waiter, and whether the message is delivered.
    private struct Said: Equatable {
        let waiter: String
        let isDelivered: Bool

        init?(_ outcome: AnswerTable<String>.Outcome?) {
            guard let outcome else { return nil }
            (waiter, isDelivered) = (outcome.waiter, outcome.isDelivered)
        }
    }

    @Test func aMessageIsDeliveredAsSoonAsOneNodeHasADevice() {
        var table = AnswerTable<String>()
        table.wait(for: "a", "A")
        let said = [Said(table.told("a", 3)), Said(table.answered("a", devices: 0)), Said(table.answered("a", devices: 2))]
        #expect(said.map { $0?.isDelivered } == [nil, nil, true])
        #expect(said.last??.waiter == "A")
        // Later answers are nobody's.
        let late = Said(table.answered("a", devices: 1))
        #expect(late == nil)
        #expect(table.count == 0)
    }

    @Test func aMessageIsNotDeliveredOnceAllNodesHaveSaidSo() {
        var table = AnswerTable<String>()
        table.wait(for: "a", "A")
        // An answer may be faster than the news of how many were told.
        let first = [Said(table.answered("a", devices: 0)), Said(table.told("a", 1))]
        #expect(first.map { $0?.isDelivered } == [nil, false])
        table.wait(for: "b", "B")
        let nobody = Said(table.told("b", 0))
        #expect(nobody?.waiter == "B")
        table.wait(for: "c", "C")
        let tooLate = [Said(table.told("c", 2)), Said(table.giveUp("c")), Said(table.giveUp("c"))]
        #expect(tooLate.map { $0?.isDelivered } == [nil, false, nil])
    }
}
