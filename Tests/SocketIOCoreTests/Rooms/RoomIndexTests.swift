import TestSupport
import Testing

@testable import SocketIOCore

private final class Member: RoomMember {
    let number: Int
    var memberships = RoomMemberships()
    var outlet: Member { self }

    init(_ number: Int) {
        self.number = number
    }
}

@Suite("RoomIndex")
struct RoomIndexTests {
    private var index = RoomIndex<Member>()

    private func members(_ room: String) -> [Int] {
        var numbers: [Int] = []
        index.forEachMember(room) { numbers.append($0.number) }
        return numbers.sorted()
    }

    private func members(_ ticket: RoomTicket) -> [Int]? {
        var numbers: [Int] = []
        return index.forEachOutlet(ticket) { numbers.append($0.number) } ? numbers.sorted() : nil
    }

    @Test mutating func aTicketLeadsToTheRoomAsLongAsItHasMembers() throws {
        let (first, second, other) = (Member(1), Member(2), Member(3))
        #expect(index.ticket("a") == nil)
        index.join(first, "a")
        index.join(other, "b")
        let ticket = try #require(index.ticket("a"))
        index.join(second, "a")
        #expect(members(ticket) == [1, 2])
        index.leave(first, "a")
        #expect(members(ticket) == [2])
        index.leave(second, "a")
        #expect(members(ticket) == nil)
        // Another room may be in its place by now, or the same anew.
        index.join(first, "c")
        #expect(members(ticket) == nil)
        #expect(index.leaveAll(first) == ["c"])
        index.join(second, "a")
        #expect(members(ticket) == nil)
        #expect(index.ticket("a").flatMap { members($0) } == [2])
        #expect(index.ticket("b").flatMap { members($0) } == [3])
    }

    @Test mutating func joinAndLeave() {
        let member = Member(1)
        #expect(index.join(member, "a") == true)
        #expect(index.join(member, "a") == false)
        #expect(index.contains(member, "a"))
        #expect(!index.contains(member, "b"))
        #expect(index.count("a") == 1)
        #expect(members("a") == [1])
        #expect(index.leave(member, "a") == true)
        #expect(index.leave(member, "a") == false)
        #expect(index.roomCount == 0)
        #expect(index.count("a") == 0)
        #expect(members("a") == [])
        #expect(member.memberships.count == 0)
    }

    @Test mutating func leaveAllNamesTheRooms() {
        let member = Member(1)
        let other = Member(2)
        for room in ["a", "b", "c"] { index.join(member, room) }
        index.join(other, "b")
        #expect(index.leaveAll(member).sorted() == ["a", "b", "c"])
        #expect(index.leaveAll(member) == [])
        #expect(index.names == ["b"])
        #expect(members("b") == [2])
    }

    @Test mutating func theNumberOfAnEmptyRoomIsUsedAgain() {
        let member = Member(1)
        for round in 0..<1000 {
            index.join(member, "room \(round)")
            #expect(member.memberships.indices.map { member.memberships[$0].room } == [0])
            #expect(index.rooms(of: member) == ["room \(round)"])
            index.leave(member, "room \(round)")
        }
    }

    @Test mutating func positionsStayWithTheirRoomsWhateverIsLeftBetween() {
        let member = Member(1)
        for (room, position) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] as [(String, UInt64)] { index.join(member, room, at: position) }
        #expect(index.join(member, "a", at: 9) == false)
        #expect(index.positions(of: member) == ["a": 1, "b": 2, "c": 3, "d": 4])
        index.leave(member, "a")
        index.leave(member, "c")
        #expect(index.positions(of: member) == ["b": 2, "d": 4])
        index.join(member, "a", at: 7)
        #expect(index.positions(of: member) == ["b": 2, "d": 4, "a": 7])
        _ = index.leaveAll(member)
        #expect(index.positions(of: member) == [:])
        index.join(member, "e", at: 8)
        #expect(index.positions(of: member) == ["e": 8])
    }

    @Test mutating func anEmptyRoomHoldsNobody() {
        weak var gone: Member?
        do {
            let member = Member(1)
            gone = member
            index.join(member, "a")
            index.leave(member, "a")
        }
        #expect(gone == nil)
    }

    /// Against a dictionary of sets, with the links between places and entries checked through what the index answers.
    @Test(arguments: [1, 2, 3] as [UInt64])
    mutating func agreesWithADictionaryOfSets(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let people = (0..<40).map { Member($0) }
        let names = (0..<25).map { "room:\($0)" }
        var model: [String: Set<Int>] = [:]
        for step in 0..<10_000 {
            let person = people[Int.random(in: 0..<people.count, using: &generator)]
            let name = names[Int.random(in: 0..<names.count, using: &generator)]
            switch Int.random(in: 0..<20, using: &generator) {
            case 0:
                let left = index.leaveAll(person)
                #expect(Set(left) == Set(model.filter { $0.value.contains(person.number) }.keys))
                for name in left { model[name]?.remove(person.number) }
            case 1..<10:
                #expect(index.join(person, name) == model[name, default: []].insert(person.number).inserted)
            default:
                #expect(index.leave(person, name) == (model[name]?.remove(person.number) != nil))
            }
            model = model.filter { !$0.value.isEmpty }
            #expect(index.roomCount == model.count)
            guard step % 50 == 0 else { continue }
            #expect(Set(index.names) == Set(model.keys))
            for name in names { #expect(members(name) == (model[name] ?? []).sorted()) }
            for person in people {
                #expect(Set(index.rooms(of: person)) == Set(model.filter { $0.value.contains(person.number) }.keys))
                #expect(person.memberships.count == Set(person.memberships.indices.map { person.memberships[$0].room }).count)
            }
        }
        for person in people { _ = index.leaveAll(person) }
        #expect(index.roomCount == 0)
        #expect(people.allSatisfy { $0.memberships.count == 0 })
    }
}
