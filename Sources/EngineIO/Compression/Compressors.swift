/// The zlib streams of one event loop, each made when it is first needed, and kept.
struct Compressors {
    private var deflaters: [Deflater.Format: Deflater] = [:]
    private var messageInflater: Inflater?

    /// The stream for `format`; `nil` where zlib has no memory for it.
    mutating func deflater(_ format: Deflater.Format, level: Int, memoryLevel: Int) -> Deflater? {
        if let deflater = deflaters[format] { return deflater }
        let deflater = Deflater(format, level: level, memoryLevel: memoryLevel)
        deflaters[format] = deflater
        return deflater
    }

    /// The stream that reads clients' messages; `nil` where zlib has no memory for it.
    mutating func inflater() -> Inflater? {
        if messageInflater == nil { messageInflater = Inflater() }
        return messageInflater
    }
}
