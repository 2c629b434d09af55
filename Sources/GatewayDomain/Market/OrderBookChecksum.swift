extension OrderBook {
    /// How many levels of each side the checksum covers.
    public static let checksumDepth = 10

    /// The CRC-32 (ISO 3309, as in zlib) of the ten best levels of each side: `price:size` of the best bid, the best ask, the second bid, and so on,
    /// joined by colons, each as it is written in the updates; a side that has fewer levels is left out where it ends.
    public var checksum: UInt32 {
        var crc = CRC32()
        var isFirst = true
        func add(_ level: Level) {
            if !isFirst { crc.update(":".utf8) }
            isFirst = false
            crc.update(level.price.utf8)
            crc.update(":".utf8)
            crc.update(level.size.utf8)
        }
        let (bids, asks) = (topBids(Self.checksumDepth), topAsks(Self.checksumDepth))
        for index in 0..<max(bids.count, asks.count) {
            if index < bids.count { add(bids[index]) }
            if index < asks.count { add(asks[index]) }
        }
        return crc.value
    }
}

/// The cyclic redundancy check of ISO 3309, polynomial `0x04C11DB7` reflected.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }

    private var state: UInt32 = .max

    /// The check of everything so far.
    var value: UInt32 { ~state }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
    }
}
