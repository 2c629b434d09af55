import NIOCore

/// The shelves of a ``RecoveryPool`` by how many bytes they hold, in powers of two: says which is the largest, or nearly so, at once.
///
/// A shelf stands under the name that it was given last. Older ones mean nothing, and whoever finds one goes on.
struct ShelfSizes: Sendable {
    struct Name: Sendable {
        let topic: RecoveryTopic
        /// Every name has another, from 1.
        let number: Int
    }

    /// Those of a size in the order in which they came to it.
    private var classes = [CircularBuffer<Name>](repeating: [], count: Int.bitWidth)
    private var lastNumber = 0
    /// Names that are kept, whatever they mean.
    private(set) var count = 0

    /// Which power of two; -1 of no bytes.
    static func size(_ bytes: Int) -> Int { Int.bitWidth - 1 - bytes.leadingZeroBitCount }

    /// Gives a shelf of so many bytes, more than none, a new name. Returns its number.
    mutating func name(_ topic: RecoveryTopic, of bytes: Int) -> Int {
        lastNumber += 1
        count += 1
        classes[Self.size(bytes)].append(Name(topic: topic, number: lastNumber))
        return lastNumber
    }

    /// Takes the first of the largest out. No shelf has more than `bytes`.
    mutating func popLargest(upTo bytes: Int) -> Name? {
        var size = Self.size(bytes)
        while size >= 0, classes[size].isEmpty { size -= 1 }
        guard size >= 0 else { return nil }
        count -= 1
        return classes[size].removeFirst()
    }

    /// Lets go of names that mean nothing.
    mutating func keep(where means: (Name) -> Bool) {
        count = 0
        for size in classes.indices where !classes[size].isEmpty {
            classes[size] = CircularBuffer(classes[size].filter(means))
            count += classes[size].count
        }
    }
}
