/// What is kept for one user, oldest first. Bounded by the count of each kind, by bytes and by age.
public struct Mailbox: Sendable {
    /// What is kept, oldest first.
    public private(set) var items: [MailboxItem] = []
    /// Bytes kept.
    public private(set) var byteCount = 0

    /// Nothing yet.
    public init() {}

    /// Adds an item; one whose id and kind are there already is left as it is. Returns how many of the oldest had to go for it.
    public mutating func keep(_ item: MailboxItem, bounds: MailboxBounds) -> Int {
        guard !items.contains(where: { $0.id == item.id && $0.kind == item.kind }) else { return 0 }
        items.append(item)
        byteCount += item.byteCount
        var dropped = 0
        let excess = items.count { $0.kind == item.kind } - bounds.itemsPerUser(item.kind)
        for _ in 0..<max(0, excess) { dropped += dropFirst { $0.kind == item.kind } }
        while byteCount > bounds.bytesPerUser, !items.isEmpty { dropped += dropFirst { _ in true } }
        return dropped
    }

    /// Lets go of what is older than `oldest`, in milliseconds since 1970.
    public mutating func expire(before oldest: Int64) {
        while let first = items.first, first.keptAt < oldest { _ = dropFirst { _ in true } }
    }

    /// Lets go of items that the user has.
    public mutating func remove(_ ids: Set<String>) {
        items.removeAll { ids.contains($0.id) }
        byteCount = items.reduce(0) { $0 + $1.byteCount }
    }

    /// Lets go of the oldest item.
    public mutating func removeOldest() { _ = dropFirst { _ in true } }

    private mutating func dropFirst(where matches: (MailboxItem) -> Bool) -> Int {
        guard let index = items.firstIndex(where: matches) else { return 0 }
        byteCount -= items.remove(at: index).byteCount
        return 1
    }
}
