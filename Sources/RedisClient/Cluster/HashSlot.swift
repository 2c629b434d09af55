/// Which of the 16,384 slots of a cluster a key is in.
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model
public struct HashSlot: Hashable, Sendable, Comparable {
    /// How many there are.
    public static let count = 16_384
    /// Its number, from 0.
    public let number: Int

    /// The slot with a number; `nil` where there is none.
    public init?(number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot of a key or of a sharded channel. What stands in the first braces, where it is not empty, counts alone: keys with the same
    /// text there are in one slot.
    public init(of key: String) {
        var key = key
        self.number = key.withUTF8 { bytes in
            var counted = bytes[...]
            if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
                let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
            {
                counted = bytes[(open + 1)..<close]
            }
            return Int(Self.crc16(counted)) % Self.count
        }
    }

    /// In the order of their numbers.
    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// CRC-16/XMODEM: polynomial 0x1021, from 0, highest bit first.
    private static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0) { crc, byte in ((crc << 8) & 0xFF00) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)] }
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 != 0 ? (crc << 1) ^ 0x1021 : crc << 1 }
    }
}
