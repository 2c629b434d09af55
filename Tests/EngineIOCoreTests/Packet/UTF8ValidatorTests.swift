import NIOCore
import TestSupport
import Testing

@testable import EngineIOCore

@Suite("UTF8Validator")
struct UTF8ValidatorTests {
    private func isValid(_ parts: some Sequence<[UInt8]>) -> Bool {
        var validator = UTF8Validator()
        for part in parts where !validator.consume(ByteBuffer(bytes: part)) { return false }
        return validator.isComplete
    }

    /// One sequence for each row of the table of RFC 3629, section 4, at both ends of its ranges.
    @Test(
        arguments: [
            [0x00], [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xE1, 0x80, 0x80], [0xEC, 0xBF, 0xBF], [0xED, 0x9F, 0xBF],
            [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF1, 0x80, 0x80, 0x80], [0xF3, 0xBF, 0xBF, 0xBF],
            [0xF4, 0x8F, 0xBF, 0xBF], [], Array("κόσμε and plain ASCII, 🧪 and more of it".utf8),
        ] as [[UInt8]]
    )
    func wellFormed(_ bytes: [UInt8]) {
        #expect(isValid([bytes]))
        #expect(isValid(bytes.map { [$0] }))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE1, 0x80], [0xF1, 0x80, 0x80], [0xE1, 0x80, 0x80, 0x80],
            Array("plain ASCII".utf8) + [0xC3, 0x28],
        ] as [[UInt8]]
    )
    func malformed(_ bytes: [UInt8]) {
        #expect(!isValid([bytes]))
        #expect(!isValid(bytes.map { [$0] }))
    }

    @Test func saysTheSameAsTheStandardLibraryHoweverTheBytesAreCut() {
        var generator = SeededGenerator(seed: 13)
        // Mostly bytes that begin or continue characters, so that longer sequences come about.
        let alphabet: [UInt8] = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let expected = String(validating: bytes, as: UTF8.self) != nil
            #expect(isValid([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "\(bytes) cut at \(cut)")
        }
    }

    @Test func aBadByteIsRefusedAtOnce() {
        var validator = UTF8Validator()
        let begins = validator.consume(ByteBuffer(bytes: [0x41, 0xED]))
        let goesOn = validator.consume(ByteBuffer(bytes: [0xA0]))
        #expect(begins)
        #expect(!goesOn)
    }
}
