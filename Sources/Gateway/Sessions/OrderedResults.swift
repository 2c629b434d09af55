/// Gives results out in the order in which they were asked for, whatever the order in which they come.
struct OrderedResults<Result> {
    /// A place in the order.
    struct Ticket: Hashable {
        fileprivate let number: Int
    }

    private var waiting: [Int: Result] = [:]
    private var issued = 0
    private var given = 0

    /// How many results have been asked for and not been given out.
    var pending: Int { issued - given }

    /// The next place.
    mutating func ticket() -> Ticket {
        defer { issued += 1 }
        return Ticket(number: issued)
    }

    /// Takes the result for a place, once.
    ///
    /// - Returns: every result that can be given out now, in order: none while an earlier one is missing.
    mutating func complete(_ ticket: Ticket, _ result: Result) -> [Result] {
        waiting[ticket.number] = result
        var ready: [Result] = []
        while let next = waiting.removeValue(forKey: given) {
            ready.append(next)
            given += 1
        }
        return ready
    }
}
