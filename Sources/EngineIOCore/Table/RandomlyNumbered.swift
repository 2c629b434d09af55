/// Objects that are each found by a number of their own, which must be random and as long as ``SessionID/number``.
///
/// A hash table with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithms L and R) that holds nothing
/// but references: 10 to 15 bytes an object, where a `Dictionary` by an id of 16 bytes takes 32 to 64, and hashes what is random already.
/// Several objects may have one number: who looks for one says which. Seen by who uses it, and so compiled for its kind of object.
@usableFromInline
package struct RandomlyNumbered<Element: AnyObject>: Sequence {
    @usableFromInline var slots: ContiguousArray<Element?> = []
    @usableFromInline let number: (Element) -> UInt64
    /// How many objects there are.
    @usableFromInline package private(set) var count = 0

    /// No objects; `number` says the number of one, always the same.
    @inlinable
    package init(by number: @escaping (Element) -> UInt64) {
        self.number = number
    }

    /// The object of this number that `isMeant` holds of; of several any.
    @inlinable
    package func first(_ number: UInt64, where isMeant: (Element) -> Bool) -> Element? {
        guard count > 0 else { return nil }
        var slot = home(number)
        while let element = slots[slot] {
            if isMeant(element) { return element }
            slot = next(slot)
        }
        return nil
    }

    /// Adds an object that is not there.
    package mutating func insert(_ element: Element) {
        // Between 8/15 and 4/5 full: beyond that a look-up takes more than three steps.
        if 5 * (count + 1) > 4 * slots.count { resize(to: Swift.max(16, slots.count * 3 / 2)) }
        place(element)
        count += 1
    }

    /// Takes an object out. Returns whether it was there.
    @discardableResult
    package mutating func remove(_ element: Element) -> Bool {
        guard count > 0 else { return false }
        var hole = home(number(element))
        while let other = slots[hole], other !== element { hole = next(hole) }
        guard slots[hole] != nil else { return false }
        // What lies behind moves up, unless it would stand before its place: no search may end early.
        var slot = next(hole)
        while let other = slots[slot] {
            if distance(from: home(number(other)), to: slot) >= distance(from: hole, to: slot) {
                slots[hole] = other
                hole = slot
            }
            slot = next(slot)
        }
        slots[hole] = nil
        count -= 1
        if slots.count > 64, 4 * count < slots.count { resize(to: slots.count / 2) }
        return true
    }

    /// All objects, in no particular order.
    @inlinable
    package func makeIterator() -> Iterator { Iterator(slots) }

    @usableFromInline
    package struct Iterator: IteratorProtocol {
        @usableFromInline let slots: ContiguousArray<Element?>
        @usableFromInline var slot = 0

        @inlinable
        init(_ slots: ContiguousArray<Element?>) { self.slots = slots }

        @inlinable
        package mutating func next() -> Element? {
            while slot < slots.count {
                defer { slot += 1 }
                if let element = slots[slot] { return element }
            }
            return nil
        }
    }

    @inlinable
    package var underestimatedCount: Int { count }

    private mutating func resize(to size: Int) {
        let old = slots
        slots = ContiguousArray(repeating: nil, count: size)
        for case let element? in old { place(element) }
    }

    private mutating func place(_ element: Element) {
        var slot = home(number(element))
        while slots[slot] != nil { slot = next(slot) }
        slots[slot] = element
    }

    /// Where a number belongs: its share of all numbers, so that the table may have any size.
    @inlinable
    func home(_ number: UInt64) -> Int {
        Int((number << UInt64(64 - SessionID.numberBits)).multipliedFullWidth(by: UInt64(slots.count)).high)
    }

    @inlinable
    func next(_ slot: Int) -> Int { slot + 1 == slots.count ? 0 : slot + 1 }

    @inlinable
    func distance(from start: Int, to end: Int) -> Int { end >= start ? end - start : end - start + slots.count }
}
