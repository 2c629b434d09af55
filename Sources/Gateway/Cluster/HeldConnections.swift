/// The connections of this node that Redis is to count, by subject, and the subjects of which Redis may have another number: what it was
/// told may not have arrived. A value.
///
/// Bounded by the connections there are, and by ``maximum`` where those of a subject have ended.
struct HeldConnections {
    private struct Entry {
        var count = 0
        /// Steps that Redis has not answered yet.
        var steps = 0
        /// Whether a step has begun or ended since ``number(toTell:)``: Redis may have taken it before or after the number.
        var hasMoved = false
    }

    /// How many doubtful subjects are remembered, beside those with connections.
    private let maximum: Int
    private var entries: [String: Entry] = [:]
    /// The subjects of which Redis may have another number.
    private(set) var doubtful: Set<String> = []

    init(maximum: Int = 100_000) {
        self.maximum = maximum
    }

    /// How many connections a subject has here.
    func count(of subject: String) -> Int { entries[subject]?.count ?? 0 }

    /// A step is on its way to Redis.
    ///
    /// - Parameter change: What it changes here, whatever Redis answers: a connection that has ended is gone.
    mutating func begin(_ subject: String, change: Int = 0) { move(subject, steps: 1, change: change) }

    /// A step is over.
    ///
    /// - Parameters:
    ///   - change: What its answer changes here.
    ///   - isAnswered: Whether Redis has answered.
    /// - Returns: `false` where the subject should be told anew later, and too many are remembered already.
    mutating func end(_ subject: String, change: Int = 0, isAnswered: Bool) -> Bool {
        move(subject, steps: -1, change: change)
        if isAnswered { return true }
        guard entries[subject] != nil || doubtful.contains(subject) || doubtful.count < maximum else { return false }
        doubtful.insert(subject)
        return true
    }

    private mutating func move(_ subject: String, steps: Int, change: Int) {
        var entry = entries[subject] ?? Entry()
        entry.steps += steps
        entry.count = max(0, entry.count + change)
        entry.hasMoved = true
        entries[subject] = entry.steps > 0 || entry.count > 0 ? entry : nil
    }

    /// Redis may have lost everything.
    mutating func doubtAll() { doubtful.formUnion(entries.keys) }

    /// The number that Redis is told now.
    mutating func number(toTell subject: String) -> Int {
        entries[subject]?.hasMoved = false
        return count(of: subject)
    }

    /// Redis has taken that number. Where a step was on its way at that time, it is told once more.
    mutating func told(_ subject: String, _ number: Int) {
        if let entry = entries[subject], entry.hasMoved || entry.steps > 0 { return }
        if number == count(of: subject) { doubtful.remove(subject) }
    }
}
