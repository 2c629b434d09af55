public import EngineIOCore
import NIOCore

/// Which entries of sources stand where in one server's ``RecoveryLog``: translates places that mean the same on every server into positions
/// of this log, and back. A value, without clock and I/O.
///
/// An entry is remembered for as long as the log keeps events; what is older has been received by whoever was to get it.
public struct SourceIndex: Sendable {
    private struct Entry {
        let id: SourceID
        let position: UInt64
        let time: MonotonicInstant
    }

    private struct Track {
        var entries: CircularBuffer<Entry> = []
        /// The last entry that is not remembered any more.
        var floor = SourceID.zero
        /// Of entries before this one some were forgotten before their time, or never read.
        var lost: (before: SourceID, time: MonotonicInstant)?
        /// Entries have been lost, and the next has not come yet.
        var isBroken = false

        /// The first of the remembered entries for which `condition` holds; it does for all that follow.
        func first(where condition: (Entry) -> Bool) -> Entry? {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if condition(entries[offset: middle]) { high = middle } else { low = middle + 1 }
            }
            return low < entries.count ? entries[offset: low] : nil
        }

        func last(upTo position: UInt64) -> Entry? {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[offset: middle].position > position { high = middle } else { low = middle + 1 }
            }
            return low > 0 ? entries[offset: low - 1] : nil
        }
    }

    /// How far each source has been read.
    public private(set) var current: SourcePositions
    private var tracks: [Track]
    private let retention: Duration
    private let maximumEntries: Int

    /// An index of `count` sources that have not been read yet.
    ///
    /// - Parameters:
    ///   - count: How many sources, at most ``SourcePositions/maximumCount``.
    ///   - retention: How long an entry is remembered.
    ///   - maximumEntries: The most entries of one source that are.
    public init(count: Int, retention: Duration, maximumEntries: Int = 1 << 18) {
        current = SourcePositions(count: count)
        tracks = [Track](repeating: Track(), count: current.count)
        self.retention = retention
        self.maximumEntries = maximumEntries
    }

    /// An entry has been read; everything of it is in the log up to `position`. One that has been read before changes nothing.
    public mutating func append(_ place: SourcePlace, at position: UInt64, now: MonotonicInstant) {
        guard tracks.indices.contains(place.source), !current.hasPassed(place) else { return }
        removeExpired(place.source, now: now)
        current.advance(to: place)
        if tracks[place.source].isBroken {
            tracks[place.source].isBroken = false
            tracks[place.source].lost = (place.id, now)
        }
        tracks[place.source].entries.append(Entry(id: place.id, position: position, time: now))
        if tracks[place.source].entries.count > maximumEntries, let oldest = tracks[place.source].entries.popFirst() {
            tracks[place.source].floor = oldest.id
            let next = tracks[place.source].entries.first?.id ?? place.id
            tracks[place.source].lost = (max(next, tracks[place.source].lost?.before ?? .zero), now)
        }
    }

    /// Entries of a source were not read and cannot be any more.
    public mutating func breakOff(_ source: Int) {
        if tracks.indices.contains(source) { tracks[source].isBroken = true }
    }

    /// How far the sources had been read when the log had come to `position`.
    public func positions(at position: UInt64) -> SourcePositions {
        var positions = SourcePositions(count: tracks.count)
        for (source, track) in tracks.enumerated() {
            positions.advance(to: SourcePlace(source: source, id: track.last(upTo: position)?.id ?? track.floor))
        }
        return positions
    }

    /// A position of the log before which nothing stands that is new to somebody who has read as far as `seen`; `last` where nothing is new.
    /// `nil` where something that is new to them has been lost.
    public mutating func start(after seen: SourcePositions, last: UInt64, now: MonotonicInstant) -> UInt64? {
        var start = last
        for source in tracks.indices {
            removeExpired(source, now: now)
            let track = tracks[source]
            if track.isBroken { return nil }
            if let lost = track.lost, seen[source] < lost.before { return nil }
            if let new = track.first(where: { $0.id > seen[source] }) { start = min(start, max(new.position, 1) - 1) }
        }
        return start
    }

    private mutating func removeExpired(_ source: Int, now: MonotonicInstant) {
        while let oldest = tracks[source].entries.first, oldest.time + retention < now {
            tracks[source].floor = oldest.id
            tracks[source].entries.removeFirst()
        }
        if let lost = tracks[source].lost, lost.time + retention < now { tracks[source].lost = nil }
    }
}
