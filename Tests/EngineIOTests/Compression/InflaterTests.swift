import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("Inflater and Deflater")
struct InflaterTests {
    private let inflater: Inflater
    private let deflater: Deflater

    init() throws {
        inflater = try #require(Inflater())
        deflater = try #require(Deflater(.raw(windowBits: 15), level: 6, memoryLevel: 8))
    }

    private func inflate(_ bytes: [UInt8], limit: Int = 1000) throws(Inflater.Failure) -> String {
        String(buffer: try inflater.message(ByteBuffer(bytes: bytes), limit: limit))
    }

    /// RFC 7692, section 7.2.3: one block, no compression, two blocks, a final block, and the empty message.
    @Test func theExamplesOfTheStandard() throws {
        #expect(try inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
        #expect(try inflate([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]) == "Hello")
        #expect(try inflate([0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
        #expect(try inflate([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]) == "Hello")
        #expect(try inflate([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
        #expect(try inflate([0x00]) == "")
    }

    @Test(arguments: [0, 1, 10, 1023, 70_000, 1_000_000])
    func whatIsCompressedComesOutAgain(_ count: Int) throws {
        let text = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })
        for _ in 0..<2 {
            let compressed = deflater.message(text)
            #expect(try inflater.message(compressed, limit: count) == text)
        }
    }

    @Test(arguments: 9...15)
    func everyWindowCanBeRead(_ bits: Int) throws {
        let deflater = try #require(Deflater(.raw(windowBits: bits), level: 9, memoryLevel: 9))
        let text = ByteBuffer(string: (0..<5000).map { "line \($0 % 700)\n" }.joined())
        #expect(try inflater.message(deflater.message(text), limit: .max >> 1) == text)
    }

    @Test func messagesDoNotDependOnEachOther() {
        let text = ByteBuffer(string: String(repeating: "the same again ", count: 100))
        #expect(deflater.message(text) == deflater.message(text))
    }

    @Test func noMoreThanTheLimitIsExpanded() throws {
        // 16 MiB of nothing in 16 KiB.
        let bomb = deflater.message(ByteBuffer(repeating: 0, count: 16 << 20))
        #expect(bomb.readableBytes < 20_000)
        #expect(throws: Inflater.Failure.tooLarge) { try inflater.message(bomb, limit: 1_000_000) }
        let exact = deflater.message(ByteBuffer(repeating: 7, count: 1000))
        #expect(try inflater.message(exact, limit: 1000).readableBytes == 1000)
        #expect(throws: Inflater.Failure.tooLarge) { try inflater.message(exact, limit: 999) }
        #expect(throws: Inflater.Failure.tooLarge) { try inflater.message(exact, limit: 0) }
    }

    @Test(
        arguments: [
            // An unknown block type, a stored block with a wrong length, a reference to before the beginning, and one that is cut off.
            [0x07], [0x00, 0x05, 0x00, 0x00, 0x00, 0x48], [0x02, 0x02, 0x00], [0x00, 0x06, 0x00, 0xF9, 0xFF, 0x48],
            [0xF2, 0x48, 0xCD], [0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]]
    )
    func nonsenseIsRefusedAndTheNextMessageIsNot(_ bytes: [UInt8]) throws {
        #expect(throws: Inflater.Failure.corrupt) { try inflate(bytes) }
        #expect(try inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
    }

    @Test func randomBytesNeitherHangNorPassTheLimit() {
        var generator = SeededGenerator(seed: 7692)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if let message = try? inflater.message(ByteBuffer(bytes: bytes), limit: 500) { #expect(message.readableBytes <= 500) }
        }
    }
}
