/// Where a server takes the random bits of its ids from.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private let makeNumber: @Sendable () -> UInt64

    /// The operating system's generator.
    public static let system = RandomSource {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// Numbers that `makeNumber` makes, on any thread. Private ids are only as secret as these numbers.
    public init(_ makeNumber: @escaping @Sendable () -> UInt64) {
        self.makeNumber = makeNumber
    }

    /// 64 random bits.
    public func next() -> UInt64 { makeNumber() }
}
