import EngineIO

/// Where a server takes the random bits of its ids from.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private let makeNumber: @Sendable () -> UInt64
    /// Whether it is the operating system's generator, which is cheaper in portions.
    let isSystem: Bool

    /// The operating system's generator.
    public static let system = RandomSource(isSystem: true) {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    private init(isSystem: Bool, _ makeNumber: @escaping @Sendable () -> UInt64) {
        self.isSystem = isSystem
        self.makeNumber = makeNumber
    }

    /// Numbers that `makeNumber` makes, on any thread. Private ids are only as secret as these numbers.
    public init(_ makeNumber: @escaping @Sendable () -> UInt64) {
        self.init(isSystem: false, makeNumber)
    }

    /// 64 random bits.
    public func next() -> UInt64 { makeNumber() }
}

/// A random source as one event loop uses it: the operating system's generator is asked for many numbers at a time.
struct LoopRandom: RandomNumberGenerator {
    private let source: RandomSource
    private var pool = RandomPool()

    init(_ source: RandomSource) {
        self.source = source
    }

    mutating func next() -> UInt64 { source.isSystem ? pool.next() : source.next() }
}
