import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("SessionID")
struct SessionIDTests {
    @Test(arguments: [0, 1, 63, 64, 65, 4095])
    func namesItsLoop(_ loop: Int) throws {
        var generator = SeededGenerator(seed: 1)
        let id = SessionID(loopIndex: loop, using: &generator)
        let read = try #require(SessionID(id.rawValue))
        #expect(read == id)
        #expect(read.loopIndex == loop)
        var text = ByteBuffer(string: "=")
        id.write(into: &text)
        #expect(String(buffer: text) == "=" + id.rawValue)
    }

    @Test func is20CharactersOfBase64URL() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<1000 {
            let text = SessionID(loopIndex: 7, using: &generator).rawValue
            #expect(text.utf8.count == 20)
            #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        }
    }

    @Test func differsEachTimeAtEachRandomCharacter() {
        var generator = SeededGenerator(seed: 3)
        let ids = (0..<2000).map { _ in Array(SessionID(loopIndex: 0, using: &generator).rawValue) }
        #expect(Set(ids).count == 2000)
        for position in 2..<20 {
            #expect(Set(ids.map { $0[position] }).count == 64, "position \(position)")
        }
    }

    @Test(arguments: [
        "", "AAabcdefghijklmnopq", "AAabcdefghijklmnopqrs", "AAabcdefghijklmnopq=", "AAabcdefghijklmnopq ", "AAabcdefghijklmnopé",
    ])
    func whatIsNoneOfOursIsRefused(_ text: String) {
        #expect(SessionID("AAabcdefghijklmnopqr") != nil)
        #expect(SessionID(text) == nil)
    }
}
