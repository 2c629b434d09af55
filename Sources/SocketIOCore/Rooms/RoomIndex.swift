/// Something that can be in rooms.
public protocol RoomMember: AnyObject {
    /// What a fan-out needs of a member.
    associatedtype Outlet
    /// That of this member; never another.
    var outlet: Outlet { get }
    /// Where it is a member; kept by ``RoomIndex`` only.
    var memberships: RoomMemberships { get set }
}

/// Where a ``RoomIndex`` has found a room: a way to it without its name, for as long as it has members.
public struct RoomTicket: Hashable, Sendable {
    @usableFromInline let number: Int32
    @usableFromInline let generation: UInt32

    @usableFromInline
    init(number: Int32, generation: UInt32) {
        self.number = number
        self.generation = generation
    }
}

/// Who is in which room, on one event loop: joining, leaving and finding members cost the same however many rooms and members there are.
///
/// Members of a room lie side by side, and beside each what a fan-out needs of it: a fan-out is a walk over one array and what that says. 24
/// bytes a membership where that is a number of four bytes.
public struct RoomIndex<Member: RoomMember> {
    @usableFromInline
    struct Place {
        @usableFromInline let member: Member
        @usableFromInline let outlet: Member.Outlet
        /// Which of the member's entries points here.
        var entry: Int32
    }

    @usableFromInline
    struct Room {
        var name: String
        @usableFromInline var places: ContiguousArray<Place> = []
        /// How many rooms have had this number before.
        @usableFromInline var generation: UInt32 = 0
    }

    // What a fan-out needs is seen by who does it, and so compiled for its kind of member.
    @usableFromInline var numbers: [String: Int32] = [:]
    @usableFromInline var rooms: [Room] = []
    private var free: [Int32] = []

    /// No rooms.
    public init() {}

    /// How many rooms have members.
    public var roomCount: Int { numbers.count }

    /// Adds `member` to `room`. Returns `false` where it is in it already.
    ///
    /// - Parameters:
    ///   - member: Who joins.
    ///   - room: The room, made where there is none of the name.
    ///   - position: Kept with the membership, see ``positions(of:)``.
    @discardableResult
    public mutating func join(_ member: Member, _ room: String, at position: UInt64? = nil) -> Bool {
        let number = numbers[room] ?? makeRoom(room)
        if member.memberships.index(of: number) != nil { return false }
        let entry = RoomMemberships.Entry(room: number, position: Int32(rooms[Int(number)].places.count), joined: position ?? 0)
        rooms[Int(number)].places.append(Place(member: member, outlet: member.outlet, entry: Int32(member.memberships.count)))
        member.memberships.append(entry)
        return true
    }

    /// Takes `member` out of `room`. Returns `false` where it is not in it.
    @discardableResult
    public mutating func leave(_ member: Member, _ room: String) -> Bool {
        guard let number = numbers[room], let index = member.memberships.index(of: number) else { return false }
        remove(member, entryAt: index)
        return true
    }

    /// Takes `member` out of all its rooms and returns their names.
    public mutating func leaveAll(_ member: Member) -> [String] {
        let names = self.rooms(of: member)
        while member.memberships.count > 0 { remove(member, entryAt: member.memberships.count - 1) }
        return names
    }

    /// The names of the rooms `member` is in, in no particular order.
    public func rooms(of member: Member) -> [String] {
        let memberships = member.memberships
        return memberships.indices.map { rooms[Int(memberships[$0].room)].name }
    }

    /// The rooms `member` is in, each with the position given at joining; 0 where none was given.
    public func positions(of member: Member) -> [String: UInt64] {
        let memberships = member.memberships
        return memberships.indices.reduce(into: [:]) { positions, index in
            positions[rooms[Int(memberships[index].room)].name] = memberships[index].joined
        }
    }

    /// Whether `member` is in `room`.
    public func contains(_ member: Member, _ room: String) -> Bool {
        guard let number = numbers[room] else { return false }
        return member.memberships.index(of: number) != nil
    }

    /// How many members `room` has.
    public func count(_ room: String) -> Int {
        numbers[room].map { rooms[Int($0)].places.count } ?? 0
    }

    /// The names of all rooms that have members.
    public var names: [String] { Array(numbers.keys) }

    /// Calls `body` with each member of `room`. `body` must not change the index.
    @inlinable
    public func forEachMember(_ room: String, _ body: (Member) -> Void) {
        guard let number = numbers[room] else { return }
        for place in rooms[Int(number)].places { body(place.member) }
    }

    /// Calls `body` with what each member of `room` receives by. `body` must not change the index.
    @inlinable
    public func forEachOutlet(_ room: String, _ body: (Member.Outlet) -> Void) {
        guard let number = numbers[room] else { return }
        // `unsafe`: the pointer is used within the closure only. A copy of a place would count a reference to its member, and so fetch it.
        rooms[Int(number)].places.withUnsafeBufferPointer { places in
            for index in places.indices { body(places[index].outlet) }
        }
    }

    /// Where `room` is; `nil` where it has no members.
    @inlinable
    public func ticket(_ room: String) -> RoomTicket? {
        numbers[room].map { RoomTicket(number: $0, generation: rooms[Int($0)].generation) }
    }

    /// As ``forEachOutlet(_:_:)``, by what ``ticket(_:)`` has said. `false` where the room has had no members in the meantime: its name is to be
    /// looked up again.
    @inlinable
    public func forEachOutlet(_ ticket: RoomTicket, _ body: (Member.Outlet) -> Void) -> Bool {
        guard rooms[Int(ticket.number)].generation == ticket.generation else { return false }
        // `unsafe`: as above.
        rooms[Int(ticket.number)].places.withUnsafeBufferPointer { places in
            for index in places.indices { body(places[index].outlet) }
        }
        return true
    }

    private mutating func makeRoom(_ name: String) -> Int32 {
        let number: Int32
        if let reused = free.popLast() {
            number = reused
            rooms[Int(number)].name = name
        } else {
            number = Int32(rooms.count)
            rooms.append(Room(name: name))
        }
        numbers[name] = number
        return number
    }

    /// Removes by swapping the last place of the room, and the last entry of the member, into the gaps.
    private mutating func remove(_ member: Member, entryAt index: Int) {
        let entry = member.memberships[index]
        let number = Int(entry.room)
        let lastPlace = rooms[number].places.count - 1
        if Int(entry.position) != lastPlace {
            let moved = rooms[number].places[lastPlace]
            rooms[number].places[Int(entry.position)] = moved
            moved.member.memberships[Int(moved.entry)].position = entry.position
        }
        rooms[number].places.removeLast()
        if rooms[number].places.isEmpty {
            numbers[rooms[number].name] = nil
            rooms[number] = Room(name: "", generation: rooms[number].generation &+ 1)
            free.append(entry.room)
        }
        let lastEntry = member.memberships.count - 1
        if index != lastEntry {
            let moved = member.memberships[lastEntry]
            member.memberships[index] = moved
            rooms[Int(moved.room)].places[Int(moved.position)].entry = Int32(index)
        }
        member.memberships.removeLast()
    }
}
