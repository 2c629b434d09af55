import EngineIO
import Testing

@Suite("RandomPool")
struct RandomPoolTests {
    @Test func noNumberIsHandedOutTwice() {
        let pool = RandomPool()
        let numbers = (0..<1000).map { _ in pool.next() }
        #expect(Set(numbers).count == 1000)
        #expect(!numbers.contains(0))
    }

    @Test func poolsDiffer() {
        let (one, other) = (RandomPool(), RandomPool())
        #expect((0..<100).allSatisfy { _ in one.next() != other.next() })
    }

    @Test func allBitsAreRandom() {
        let pool = RandomPool()
        let (ones, zeros) = (0..<200).reduce((UInt64(0), UInt64(0))) { seen, _ in
            let number = pool.next()
            return (seen.0 | number, seen.1 | ~number)
        }
        #expect(ones == .max)
        #expect(zeros == .max)
    }
}
