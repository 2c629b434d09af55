/// The rooms of one member: 16 bytes each. The first two, which is what most members have, need no array.
public struct RoomMemberships: Sendable {
    struct Entry: Sendable {
        var room: Int32
        /// The member's place in the room's list.
        var position: Int32
        /// Since when, where the index was told at joining; else 0.
        var joined: UInt64

        static let none = Entry(room: -1, position: -1, joined: 0)
    }

    private var first = Entry.none
    private var second = Entry.none
    private var others: ContiguousArray<Entry> = []
    private var number: Int32 = 0

    /// In no room.
    public init() {}

    /// In how many rooms.
    public var count: Int { Int(number) }

    var indices: Range<Int> { 0..<count }

    subscript(_ index: Int) -> Entry {
        get {
            switch index {
            case 0: first
            case 1: second
            default: others[index - 2]
            }
        }
        set {
            switch index {
            case 0: first = newValue
            case 1: second = newValue
            default: others[index - 2] = newValue
            }
        }
    }

    mutating func append(_ entry: Entry) {
        if number < 2 { self[count] = entry } else { others.append(entry) }
        number += 1
    }

    mutating func removeLast() {
        number -= 1
        if number < 2 { self[count] = .none } else { others.removeLast() }
        if number <= 2 { others = [] }
    }

    /// Where the entry of `room` is; `nil` where the member is not in it.
    func index(of room: Int32) -> Int? { indices.first { self[$0].room == room } }
}
