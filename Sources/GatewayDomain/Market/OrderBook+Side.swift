extension OrderBook {
    /// A level with its price as a number.
    struct Entry {
        let price: DecimalText
        let size: DecimalText
        let level: Level

        var isRemoval: Bool { size.unscaled == 0 }

        init(_ level: Level) throws(MalformedLevel) {
            guard let price = DecimalText(level.price), let size = DecimalText(level.size), price.unscaled >= 0, size.unscaled >= 0
            else { throw MalformedLevel(level: level) }
            self.price = price
            self.size = size
            self.level = level
        }
    }

    /// Levels in an array, best first: changes crowd near its front, and the top is what is read after each of them.
    struct Side {
        let isBestFirst: @Sendable (DecimalText, DecimalText) -> Bool
        var entries: [Entry] = []

        init(isBestFirst: @escaping @Sendable (DecimalText, DecimalText) -> Bool) {
            self.isBestFirst = isBestFirst
        }

        /// How many levels are set one by one. Each may move all behind it; more are brought in by one walk.
        private static let fewLevels = 32

        /// Sets all of them, in this order.
        mutating func set(_ levels: [Entry]) {
            guard levels.count > Self.fewLevels else { return levels.forEach { set($0) } }
            var merged: [Entry] = []
            merged.reserveCapacity(entries.count + levels.count)
            var known = entries[...]
            for level in lastOfEachPrice(levels) {
                while let better = known.first, isBestFirst(better.price, level.price) {
                    merged.append(better)
                    known.removeFirst()
                }
                if known.first?.price == level.price { known.removeFirst() }
                if !level.isRemoval { merged.append(level) }
            }
            merged.append(contentsOf: known)
            entries = merged
        }

        /// The last level of each price, best first.
        private func lastOfEachPrice(_ levels: [Entry]) -> [Entry] {
            // As most sources write them.
            if zip(levels, levels.dropFirst()).allSatisfy({ isBestFirst($0.price, $1.price) }) { return levels }
            let sorted = levels.enumerated().sorted { one, other in
                one.element.price == other.element.price ? one.offset < other.offset : isBestFirst(one.element.price, other.element.price)
            }
            var last: [Entry] = []
            for (_, level) in sorted {
                if last.last?.price == level.price { last.removeLast() }
                last.append(level)
            }
            return last
        }

        mutating func set(_ entry: Entry) {
            let index = position(of: entry.price)
            let isKnown = index < entries.count && entries[index].price == entry.price
            switch (isKnown, entry.isRemoval) {
            case (true, true): entries.remove(at: index)
            case (true, false): entries[index] = entry
            case (false, true): break
            case (false, false): entries.insert(entry, at: index)
            }
        }

        func top(_ count: Int) -> [Level] {
            entries.prefix(max(0, count)).map(\.level)
        }

        /// The levels of `newer` that differ, and with size zero those that it has no more, best first.
        func changes(to newer: Side) -> [Level] {
            var changes: [Level] = []
            var (old, new) = (entries[...], newer.entries[...])
            while let before = old.first ?? new.first {
                guard let after = new.first, let known = old.first else {
                    changes.append(old.isEmpty ? before.level : before.level.removal)
                    if old.isEmpty { new.removeFirst() } else { old.removeFirst() }
                    continue
                }
                if known.price == after.price {
                    if known.size != after.size { changes.append(after.level) }
                    old.removeFirst()
                    new.removeFirst()
                } else if isBestFirst(known.price, after.price) {
                    changes.append(known.level.removal)
                    old.removeFirst()
                } else {
                    changes.append(after.level)
                    new.removeFirst()
                }
            }
            return changes
        }

        /// The index of the first level that is not better than the price.
        private func position(of price: DecimalText) -> Int {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if isBestFirst(entries[middle].price, price) { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
