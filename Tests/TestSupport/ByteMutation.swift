package extension [UInt8] {
    /// As these, one to `most` of them replaced by any byte; an empty array stays empty.
    func withBytesReplaced(upTo most: Int = 3, using generator: inout SeededGenerator) -> [UInt8] {
        guard !isEmpty else { return self }
        var bytes = self
        for _ in 0..<Int.random(in: 1...most, using: &generator) {
            bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        }
        return bytes
    }
}
