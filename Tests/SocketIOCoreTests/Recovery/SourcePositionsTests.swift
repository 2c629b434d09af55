import SocketIOCore
import TestSupport
import Testing

@Suite("SourcePositions")
struct SourcePositionsTests {
    private func positions(_ ids: (UInt64, UInt64)...) -> SourcePositions {
        var positions = SourcePositions(count: ids.count)
        for (source, id) in ids.enumerated() {
            positions.advance(to: SourcePlace(source: source, id: SourceID(milliseconds: id.0, number: id.1)))
        }
        return positions
    }

    @Test func aTextSaysHowFarEachSourceWasRead() {
        let read = positions((1_764_190_000_000, 0), (0, 0), (71, 36))
        #expect(read.text == "migh6c1s~~1z-10")
        #expect(SourcePositions(read.text) == read)
        #expect(SourcePositions("") == SourcePositions(count: 1))
    }

    @Test(arguments: ["+1", "A", "1-", "-1", "01", "1-0", "1-01", "~~~~~~~~", "zzzzzzzzzzzzzzzz", "1~ ", "1.2", "é"])
    func anythingElseIsNone(_ text: String) {
        #expect(SourcePositions(text) == nil)
    }

    @Test func whateverIsReadIsWrittenTheSame() {
        var generator = SeededGenerator(seed: 7)
        let alphabet = Array("0129az~-+A.")
        for _ in 0..<20_000 {
            let text = String((0..<Int.random(in: 0...12, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "0" })
            if let read = SourcePositions(text) { #expect(read.text == text) }
            if let offset = RecoveryOffset("e.\(text)") { #expect(offset.text == "e.\(text)") }
        }
    }

    @Test func placesAreComparedSourceBySource() {
        let (early, late) = (positions((5, 0), (9, 1)), positions((5, 1), (9, 1)))
        #expect(late.hasReached(early) && !early.hasReached(late))
        #expect(early.merged(with: positions((1, 0), (10, 0))) == positions((5, 0), (10, 0)))
        #expect(early.hasPassed(SourcePlace(source: 1, id: SourceID(milliseconds: 9, number: 1))))
        #expect(!early.hasPassed(SourcePlace(source: 1, id: SourceID(milliseconds: 9, number: 2))))
        #expect(!early.hasPassed(SourcePlace(source: 2, id: SourceID(milliseconds: 1, number: 0))))
    }

    /// Servers of two versions share a store while one takes the other's place.
    @Test func aSourceThatOneOfTwoDoesNotKnowIsNotForgotten() {
        let (three, four) = (positions((5, 0), (9, 1), (2, 0)), positions((5, 1), (9, 0), (1, 0), (7, 3)))
        let both = positions((5, 1), (9, 1), (2, 0), (7, 3))
        #expect(three.merged(with: four) == both && four.merged(with: three) == both)
        #expect(three.hasReached(positions((5, 0), (9, 1), (2, 0), (7, 3))))
        #expect(!four.hasReached(three) && both.hasReached(three))
    }

    @Test func anOffsetSaysBesideItsPlaceInTheLogHowFarTheSourcesWere() {
        let offset = RecoveryOffset(epoch: "aB3", position: 71, sources: positions((36, 0), (0, 0)))
        #expect(offset.text == "aB3.1z~10~")
        #expect(RecoveryOffset(offset.text) == offset)
        let nowhere = RecoveryOffset(sources: positions((36, 1)))
        #expect(RecoveryOffset(nowhere.text) == nowhere)
        #expect(RecoveryOffset("aB3.1z")?.sources == nil)
    }
}
