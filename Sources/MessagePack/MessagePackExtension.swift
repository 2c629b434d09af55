/// An extension value: an application's type number and its data.
public struct MessagePackExtension: Hashable, Sendable {
    /// 0 to 127 are the application's, negative numbers the specification's.
    public let type: Int8
    /// Where the data lies, in bytes from the start of what was read.
    public let data: Range<Int>
    /// Whether it was written in a `fixext` format. notepack.io tells values of type 0 apart by this alone.
    public let isFixed: Bool

    /// An extension whose data lies at `data`.
    public init(type: Int8, data: Range<Int>, isFixed: Bool) {
        self.type = type
        self.data = data
        self.isFixed = isFixed
    }

    /// notepack.io writes JavaScript's `undefined` as `d4 00 00`; it reads any data byte as that.
    public var isUndefined: Bool { type == 0 && isFixed && data.count == 1 }

    /// notepack.io 2 writes a `Date` as `d7 00` and milliseconds since 1970 in 64 bits.
    public var isLegacyDate: Bool { type == 0 && isFixed && data.count == 8 }

    /// notepack.io writes an `ArrayBuffer` as an extension of type 0 with its length before it.
    public var isArrayBuffer: Bool { type == 0 && !isFixed }

    /// Whether type and length are those of a timestamp (specification, "Timestamp extension type").
    public var isTimestamp: Bool { type == MessagePackTimestamp.type && [4, 8, 12].contains(data.count) }

    /// The point in time: the specification's timestamp, or a `Date` of notepack.io 2; `nil` where it is something else.
    func timestamp(in message: Span<UInt8>) -> MessagePackTimestamp? {
        var bytes: [UInt8] = []
        guard isTimestamp || isLegacyDate else { return nil }
        for offset in data { bytes.append(message[offset]) }
        if isTimestamp { return MessagePackTimestamp(bytes) }
        return MessagePackTimestamp(milliseconds: Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) }))
    }
}
