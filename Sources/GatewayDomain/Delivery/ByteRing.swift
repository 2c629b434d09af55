/// Bytes, first in, first out, in one piece of memory that is used in circles and grows as it must.
struct ByteRing: Sendable {
    /// As many as a power of 2, or none.
    private var storage: [UInt8] = []
    private var head = 0
    /// How many bytes are in it.
    private(set) var count = 0

    private static let smallest = 1024

    /// Makes room for so many bytes more.
    mutating func reserve(_ more: Int) {
        guard count + more > storage.count else { return }
        var capacity = max(Self.smallest, storage.count)
        while capacity < count + more { capacity *= 2 }
        var larger = [UInt8](repeating: 0, count: capacity)
        // `unsafe`: the pointer is used within the closure only, for the bytes that are there.
        larger.withUnsafeMutableBytes { copy(0..<count, to: UnsafeMutableRawBufferPointer(rebasing: $0[..<count])) }
        (storage, head) = (larger, 0)
    }

    /// Adds `bytes` behind all others.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        let start = (head + count) & (storage.count - 1)
        let untilEnd = min(bytes.count, storage.count - start)
        // `unsafe`: the pointer is used within the closure only; both parts lie within the storage, in which there is room for them.
        storage.withUnsafeMutableBytes { memory in
            UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<untilEnd]))
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[untilEnd...]))
        }
        count += bytes.count
    }

    /// Copies the bytes at these offsets from the first.
    func copy(_ range: Range<Int>, to output: UnsafeMutableRawBufferPointer) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && output.count >= range.count, "bytes that are not there")
        guard !range.isEmpty else { return }
        let start = (head + range.lowerBound) & (storage.count - 1)
        let untilEnd = min(range.count, storage.count - start)
        // `unsafe`: the pointer is used within the closure only; both parts lie within the storage.
        storage.withUnsafeBytes { memory in
            output.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<start + untilEnd]))
            UnsafeMutableRawBufferPointer(rebasing: output[untilEnd...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(range.count - untilEnd)]))
        }
    }

    /// Lets go of the first `length` bytes.
    mutating func removeFirst(_ length: Int) {
        precondition(length <= count, "bytes that are not there")
        head = (head + length) & (storage.count - 1)
        count -= length
    }

    /// Lets go of all bytes, and of the memory.
    mutating func removeAll() {
        self = ByteRing()
    }
}
