/// All timers of one event loop: scheduling, moving and cancelling cost the same however many there are.
///
/// A hashed wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels", scheme 6): a timer lies in the slot of its deadline
/// modulo the wheel's size; slots are doubly linked lists in one array, so that a timer costs no allocation of its own.
/// Timers fire up to one ``tick`` late, never early.
public struct TimerWheel<Element> {
    /// A scheduled timer, for cancelling it; a handle whose timer has fired or been cancelled names nothing.
    public struct Handle: Hashable, Sendable {
        fileprivate var index: Int32
        fileprivate var generation: UInt32

        /// The handle of no timer. Every connection keeps a handle, and an optional one is half as long again.
        public static var none: Self { Self(index: -1, generation: 0) }
    }

    private struct Entry {
        var element: Element?
        var tick: Int64
        /// Which list the entry is in: a slot, or the list of what is due.
        var list: Int32
        /// Tells a timer from the earlier ones that had the same entry.
        var generation: UInt32
        var previous: Int32
        var next: Int32
    }

    /// The resolution.
    public let tick: Duration
    /// How many timers are scheduled.
    public private(set) var count = 0

    private let tickNanoseconds: Int64
    private var currentTick: Int64
    /// The heads of the slots' lists, and after them the head of the list of what is due.
    private var lists: [Int32]
    private let slotCount: Int64
    private var lastDue: Int32 = -1
    private var entries: [Entry] = []
    private var free: Int32 = -1

    /// An empty wheel at time `now`.
    public init(tick: Duration, slots: Int = 1024, now: MonotonicInstant) {
        self.tick = tick
        self.tickNanoseconds = tick.wholeNanoseconds
        self.currentTick = now.nanoseconds / tickNanoseconds
        self.lists = [Int32](repeating: -1, count: slots + 1)
        self.slotCount = Int64(slots)
    }

    /// Schedules `element` for `deadline`; one in the past fires at the next advance.
    public mutating func schedule(_ element: Element, at deadline: MonotonicInstant) -> Handle {
        let (quotient, remainder) = deadline.nanoseconds.quotientAndRemainder(dividingBy: tickNanoseconds)
        let tick = max(quotient + (remainder > 0 ? 1 : 0), currentTick + 1)
        let slot = Int32(tick % slotCount)
        let index: Int32
        if free >= 0 {
            index = free
            free = entries[Int(index)].next
        } else {
            index = Int32(entries.count)
            entries.append(Entry(element: nil, tick: 0, list: 0, generation: 0, previous: -1, next: -1))
        }
        let head = lists[Int(slot)]
        let generation = entries[Int(index)].generation
        entries[Int(index)] = Entry(element: element, tick: tick, list: slot, generation: generation, previous: -1, next: head)
        if head >= 0 { entries[Int(head)].previous = index }
        lists[Int(slot)] = index
        count += 1
        return Handle(index: index, generation: generation)
    }

    /// Takes a timer out. Also one that is due but has not been taken by ``popDue()`` yet. Where the handle names nothing, nothing happens.
    public mutating func cancel(_ handle: Handle) {
        guard handle.index >= 0, entries[Int(handle.index)].generation == handle.generation else { return }
        release(handle.index)
    }

    /// Moves the time forward; what is due by then is to be taken with ``popDue()``.
    public mutating func advance(to now: MonotonicInstant) {
        let target = now.nanoseconds / tickNanoseconds
        guard target > currentTick else { return }
        for step in 1...min(target - currentTick, slotCount) {
            var index = lists[Int((currentTick + step) % slotCount)]
            while index >= 0 {
                let next = entries[Int(index)].next
                if entries[Int(index)].tick <= target { moveToDue(index) }
                index = next
            }
        }
        currentTick = target
    }

    /// Takes one timer that is due. One at a time, so that what it does may cancel and move those that are due with it.
    public mutating func popDue() -> Element? {
        let index = lists[Int(slotCount)]
        guard index >= 0 else { return nil }
        let element = entries[Int(index)].element
        release(index)
        return element
    }

    private mutating func moveToDue(_ index: Int32) {
        unlink(index)
        entries[Int(index)].list = Int32(slotCount)
        entries[Int(index)].previous = lastDue
        entries[Int(index)].next = -1
        if lastDue >= 0 { entries[Int(lastDue)].next = index } else { lists[Int(slotCount)] = index }
        lastDue = index
    }

    private mutating func release(_ index: Int32) {
        unlink(index)
        let generation = entries[Int(index)].generation &+ 1
        entries[Int(index)] = Entry(element: nil, tick: 0, list: 0, generation: generation, previous: -1, next: free)
        free = index
        count -= 1
    }

    private mutating func unlink(_ index: Int32) {
        let entry = entries[Int(index)]
        if entry.previous >= 0 { entries[Int(entry.previous)].next = entry.next } else { lists[Int(entry.list)] = entry.next }
        if entry.next >= 0 {
            entries[Int(entry.next)].previous = entry.previous
        } else if entry.list == slotCount {
            lastDue = entry.previous
        }
    }
}
