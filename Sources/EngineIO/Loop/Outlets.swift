/// Where a session is reached by a fan-out: the place of its entry among those of its loop. Nobody else's as long as the session's object lives.
public struct EngineOutlet: Hashable, Sendable {
    let index: Int32
}

/// What a fan-out needs of the sessions of a loop, 12 bytes each, side by side.
///
/// Writing to a thousand sockets leaves nothing in the cache that was there before, so that each object a fan-out looks at is fetched from
/// afar, once to take note of the frame and once to write it. Here it looks at none: only where a session cannot take a frame as it is, or the
/// kernel not all of it, is the session asked.
struct Outlets {
    struct Entry {
        /// The sequence that is to be written at the end of the pass.
        var cursor = PendingFrames.Cursor.none
        /// Where it may be written to; -1 where that is the session's affair.
        var descriptor: Int32 = -1
        /// Whether frames may be added to the sequence; else each is the session's affair.
        var takesFrames = false
        /// Whether the session is among those that are looked at at the end of the pass.
        var isDirty = false
    }

    private var entries: ContiguousArray<Entry> = []
    /// The sessions, as long as they are open or linger.
    private var sessions: ContiguousArray<EngineConnection?> = []
    private var free: ContiguousArray<Int32> = []

    /// An entry for a session that is being made.
    mutating func reserve() -> EngineOutlet {
        if let index = free.popLast() { return EngineOutlet(index: index) }
        entries.append(Entry())
        sessions.append(nil)
        return EngineOutlet(index: Int32(entries.count - 1))
    }

    /// Gives an entry back: the session's object is gone.
    mutating func release(_ outlet: EngineOutlet) {
        entries[Int(outlet.index)] = Entry()
        sessions[Int(outlet.index)] = nil
        free.append(outlet.index)
    }

    /// The entry of an outlet.
    subscript(_ outlet: EngineOutlet) -> Entry {
        @inline(__always) get { entries[Int(outlet.index)] }
        @inline(__always) _modify { yield &entries[Int(outlet.index)] }
    }

    /// The session of an outlet; `nil` where it has ended.
    func session(_ outlet: EngineOutlet) -> EngineConnection? { sessions[Int(outlet.index)] }

    mutating func setSession(_ session: EngineConnection?, _ outlet: EngineOutlet) { sessions[Int(outlet.index)] = session }
}
