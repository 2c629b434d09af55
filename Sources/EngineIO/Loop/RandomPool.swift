#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The operating system's random bits, fetched in portions: each fetch is a system call, and a new connection needs seven words.
///
/// A number is handed out once and wiped from the portion then. For one event loop; a class, because a copy would hand out the same numbers
/// again.
public final class RandomPool: RandomNumberGenerator {
    /// What `getentropy` gives at most for one call is 256 bytes.
    private static let size = 32

    private var words = [UInt64](repeating: 0, count: RandomPool.size)
    /// How many words are left: the first ones.
    private var left = 0

    /// An empty pool.
    public init() {}

    /// 64 random bits.
    public func next() -> UInt64 {
        if left == 0 { fill() }
        left -= 1
        defer { words[left] = 0 }
        return words[left]
    }

    private func fill() {
        left = Self.size
        // `unsafe`: the pointer is used within the closure only.
        let isFilled = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) == 0 }
        guard !isFilled else { return }
        // A kernel without that call.
        var generator = SystemRandomNumberGenerator()
        for index in words.indices { words[index] = generator.next() }
    }
}
