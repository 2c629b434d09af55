import TestSupport
import Testing

@testable import EngineIOCore

@Suite("RandomlyNumbered")
struct RandomlyNumberedTests {
    private final class Thing {
        let number: UInt64
        let name: Int

        init(number: UInt64, name: Int) {
            self.number = number
            self.name = name
        }
    }

    private func random(_ generator: inout SeededGenerator) -> UInt64 { generator.next() >> UInt64(64 - SessionID.numberBits) }

    @Test func anEmptyOneHasNothing() {
        var things = RandomlyNumbered<Thing> { $0.number }
        #expect(things.count == 0)
        #expect(things.first(0) { _ in true } == nil)
        let removed = things.remove(Thing(number: 0, name: 0))
        #expect(!removed)
        #expect(Array(things).isEmpty)
    }

    @Test func ofSeveralWithOneNumberTheOneThatIsMeantIsFound() {
        var things = RandomlyNumbered<Thing> { $0.number }
        let alike = (0..<3).map { Thing(number: 7, name: $0) }
        for thing in alike { things.insert(thing) }
        for thing in alike { #expect(things.first(7) { $0.name == thing.name } === thing) }
        #expect(things.first(7) { $0.name == 3 } == nil)
        let removed = (things.remove(alike[1]), things.remove(alike[1]))
        #expect(removed == (true, false))
        #expect(things.first(7) { $0.name == 1 } == nil)
        #expect(things.first(7) { $0.name == 2 } === alike[2])
        #expect(Set(things.map(\.name)) == [0, 2])
    }

    /// Against a dictionary, also where many numbers are close together, at either end, or the same.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func agreesWithADictionary(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var things = RandomlyNumbered<Thing> { $0.number }
        var model: [Int: Thing] = [:]
        let highest = (UInt64(1) << UInt64(SessionID.numberBits)) - 1
        for name in 0..<20_000 {
            // It grows, and shrinks again.
            if Int.random(in: 0..<10, using: &generator) < (name / 4000 % 2 == 0 ? 7 : 3) {
                let number =
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: highest - UInt64.random(in: 0..<20, using: &generator)
                    case 1: UInt64.random(in: 0..<20, using: &generator)
                    default: random(&generator)
                    }
                let thing = Thing(number: number, name: name)
                things.insert(thing)
                model[name] = thing
            } else if let victim = model.randomElement(using: &generator)?.value {
                let removed = things.remove(victim)
                #expect(removed)
                model[victim.name] = nil
            }
            if name % 500 == 0 {
                #expect(things.count == model.count)
                #expect(Set(things.map(\.name)) == Set(model.keys))
                #expect(model.values.allSatisfy { thing in things.first(thing.number) { $0.name == thing.name } === thing })
            }
        }
        for thing in model.values { things.remove(thing) }
        #expect(things.count == 0)
    }

    @Test func looksAtFewForAnyNumber() {
        var generator = SeededGenerator(seed: 9)
        var things = RandomlyNumbered<Thing> { $0.number }
        for name in 0..<20_000 { things.insert(Thing(number: random(&generator), name: name)) }
        var looks = 0
        for thing in things {
            _ = things.first(thing.number) {
                looks += 1
                return $0 === thing
            }
        }
        #expect(looks < 4 * things.count)
    }
}
