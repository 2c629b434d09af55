import NIOCore
import SocketIOCore
import TestSupport
import Testing

@Suite("Offsets and private ids of state recovery")
struct RecoveryOffsetTests {
    @Test func anOffsetReadsAsItWasWritten() {
        for position: UInt64 in [0, 1, 35, 36, 1_000_000, .max] {
            let offset = RecoveryOffset(epoch: "aB3-_x9Z", position: position)
            #expect(RecoveryOffset(offset.text) == offset)
        }
        #expect(RecoveryOffset(epoch: "e", position: 71).text == "e.1z")
    }

    @Test(arguments: [
        "", ".", "e", "e.", "e.+1", "e.-1", "e.01", "e.A", "e.1 ", "e.3w5e11264sgsg", "e.3w5e11264sgsf\u{301}", "hello", "hello. world",
        String(repeating: "e", count: 64) + ".1",
    ])
    func whatIsNoneOfOursIsNoOffset(_ text: String) {
        #expect(RecoveryOffset(text) == nil)
    }

    @Test func epochsAndPrivateIDsComeFromTheGeneratorAndNeedNoEscapes() {
        var (first, second) = (SeededGenerator(seed: 1), SeededGenerator(seed: 1))
        let epoch = RecoveryOffset.makeEpoch(using: &first)
        #expect(epoch.count == 8)
        #expect(epoch == RecoveryOffset.makeEpoch(using: &second))
        #expect(epoch != RecoveryOffset.makeEpoch(using: &second))
        let id = PrivateID(using: &first)
        #expect(id.rawValue.utf8.count == 24)
        #expect(id.rawValue.utf8.allSatisfy { SessionCharacters.all.contains($0) })
        #expect(PrivateID(id.rawValue) == id)
    }

    /// 24 characters of 6 bits each that all come from the generator: no bit of it is used twice.
    @Test func aPrivateIDHas144RandomBits() {
        var generator = SeededGenerator(seed: 7)
        var copy = generator
        let id = Array(PrivateID(using: &generator).rawValue.utf8)
        let numbers = [copy.next(), copy.next(), copy.next()]
        let expected = (0..<24).map { SessionCharacters.all[Int(numbers[$0 / 10] >> (UInt64($0 % 10) * 6) & 63)] }
        #expect(id == expected)
    }

    @Test func aPrivateIDReadsAsItWasWritten() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<1000 {
            let id = PrivateID(using: &generator)
            #expect(PrivateID(id.rawValue) == id)
            var text = ByteBuffer(string: "=")
            id.write(into: &text)
            #expect(String(buffer: text) == "=" + id.rawValue)
        }
    }

    @Test func privateIDsThatDifferInOneCharacterAreTwo() throws {
        var generator = SeededGenerator(seed: 12)
        let id = PrivateID(using: &generator)
        for index in 0..<24 {
            var characters = Array(id.rawValue)
            characters[index] = characters[index] == "A" ? "B" : "A"
            let other = try #require(PrivateID(String(characters)))
            #expect(other != id)
            #expect((other.prefix == id.prefix) == (index >= 10))
        }
    }

    @Test(arguments: [
        "", "short", String(repeating: "a", count: 23), String(repeating: "a", count: 25), "a b" + String(repeating: "a", count: 21),
    ])
    func whatCannotBeOursIsNoPrivateID(_ text: String) {
        #expect(PrivateID(text) == nil)
    }
}

private enum SessionCharacters {
    static let all = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
