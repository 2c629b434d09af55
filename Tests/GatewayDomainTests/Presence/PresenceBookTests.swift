import GatewayDomain
import Testing

@Suite("PresenceBook")
struct PresenceBookTests {
    private var book = PresenceBook(linger: 5000)
    private let alice: UserID
    private let bob: UserID

    init() throws {
        alice = try #require(UserID("alice-0001"))
        bob = try #require(UserID("bob-000002"))
    }

    private mutating func connect(_ user: UserID, at now: Int64, earlier: PresenceBook.Absence? = nil) -> Presence? {
        book.connected(user, earlier: earlier, now: now)?.presence
    }

    private mutating func set(_ status: PresenceStatus, at now: Int64) -> Presence? {
        book.set(status, for: alice, now: now)?.presence
    }

    private mutating func expire(at now: Int64) -> [Presence] { book.expire(now: now).changes.map(\.presence) }

    @Test mutating func severalDevicesAreOnePresence() {
        let changes = [connect(alice, at: 1), connect(alice, at: 2)]
        #expect(changes == [Presence(.online, lastSeen: 1), nil])
        book.disconnected(alice, now: 10)
        #expect(book.nextDeadline == nil)
        #expect(book.presence(of: alice, now: 9000) == Presence(.online, lastSeen: 9000))
    }

    @Test mutating func offlineFiveSecondsAfterTheLastDevice() {
        _ = connect(alice, at: 0)
        _ = connect(alice, at: 0)
        book.disconnected(alice, now: 1000)
        book.disconnected(alice, now: 2000)
        #expect(book.nextDeadline == 7000)
        let early = expire(at: 6999)
        #expect(early == [])
        #expect(book.presence(of: alice, now: 6999)?.appearance == .online)
        let late = book.expire(now: 7000)
        #expect(late.changes.map(\.user) == [alice])
        #expect(late.changes.map(\.presence) == [Presence(.offline, lastSeen: 2000)])
        #expect(late.absences == [.init(user: alice, lastSeen: 2000, isInvisible: false)])
        #expect(book.presence(of: alice, now: 7000) == Presence(.offline, lastSeen: 2000))
        book.writtenDown(alice)
        #expect(book.count == 0)
    }

    @Test mutating func whoComesBackInTimeWasNeverGone() {
        _ = connect(alice, at: 0)
        book.disconnected(alice, now: 1000)
        let back = connect(alice, at: 5000)
        #expect(back == nil)
        let first = expire(at: 6000)
        #expect(first == [])
        // The time begins anew with the next departure.
        book.disconnected(alice, now: 6500)
        let second = expire(at: 7000)
        #expect(second == [])
        let third = expire(at: 11_500)
        #expect(third == [Presence(.offline, lastSeen: 6500)])
    }

    @Test mutating func aChosenStatusIsShownAndEndsWithTheLastDevice() {
        _ = connect(alice, at: 0)
        let changes = [set(.away, at: 10), set(.away, at: 11), set(.busy, at: 12)]
        #expect(changes == [Presence(.away, lastSeen: 10), nil, Presence(.busy, lastSeen: 12)])
        book.disconnected(alice, now: 100)
        _ = expire(at: 6000)
        let again = connect(alice, at: 7000)
        #expect(again == Presence(.online, lastSeen: 7000))
    }

    @Test mutating func theInvisibleShowsAsOfflineWithTheEarlierTime() {
        _ = connect(alice, at: 0)
        let gone = set(.invisible, at: 3000)
        #expect(gone == Presence(.offline, lastSeen: 3000))
        #expect(book.presence(of: alice, now: 9000) == Presence(.offline, lastSeen: 3000))
        // That the last device went is nobody's to see.
        book.disconnected(alice, now: 10_000)
        let end = book.expire(now: 15_000)
        #expect(end.changes == [])
        #expect(end.absences == [.init(user: alice, lastSeen: 3000, isInvisible: true)])
        #expect(book.presence(of: alice, now: 15_000) == Presence(.offline, lastSeen: 3000))
    }

    @Test mutating func whoWasInvisibleStaysSoOverConnections() {
        let earlier = PresenceBook.Absence(user: alice, lastSeen: 42, isInvisible: true)
        let quiet = connect(alice, at: 1000, earlier: earlier)
        #expect(quiet == nil)
        #expect(book.presence(of: alice, now: 1000) == Presence(.offline, lastSeen: 42))
        let visible = set(.online, at: 2000)
        #expect(visible == Presence(.online, lastSeen: 2000))
    }

    @Test mutating func nobodyIsKnownThatIsNotThere() {
        #expect(book.presence(of: bob, now: 0) == nil)
        let change = book.set(.busy, for: bob, now: 0)
        #expect(change == nil)
        book.disconnected(bob, now: 0)
        #expect(book.count == 0)
        #expect(book.nextDeadline == nil)
    }

    @Test mutating func whoCameBackBeforeTheAbsenceWasWrittenDownIsKept() {
        _ = connect(alice, at: 0)
        book.disconnected(alice, now: 0)
        _ = expire(at: 5000)
        let back = connect(alice, at: 5001)
        #expect(back == Presence(.online, lastSeen: 5001))
        book.writtenDown(alice)
        #expect(book.presence(of: alice, now: 5002)?.appearance == .online)
    }
}
