/// Which channels are wanted, and since which turn. A turn is given once, to whatever channel: what was begun for an earlier one sees that its
/// own is over, also where the channel was left meanwhile and is wanted again. A value.
struct ListeningTurns<Name: Hashable> {
    private var turns: [Name: Int] = [:]
    private var last = 0

    /// The channel is wanted from here on.
    mutating func begin(_ name: Name) -> Int {
        last += 1
        turns[name] = last
        return last
    }

    /// Nobody wants it any more.
    mutating func end(_ name: Name) { turns[name] = nil }

    /// Whether it is still wanted for this turn.
    func isCurrent(_ name: Name, _ turn: Int) -> Bool { turns[name] == turn }
}

extension ListeningTurns: Sendable where Name: Sendable {}
