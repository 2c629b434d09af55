import NIOCore
import Testing

@testable import EngineIO

@Suite("FrameReader")
struct FrameReaderTests {
    private var reader = FrameReader()

    /// A client's frame, masked where there is a mask.
    private func bytes(_ firstByte: UInt8, _ payload: [UInt8], mask: [UInt8]? = [1, 2, 3, 250], lengthBytes: Int? = nil) -> [UInt8] {
        var bytes = [firstByte]
        let bit: UInt8 = mask == nil ? 0 : 0x80
        switch lengthBytes ?? (payload.count < 126 ? 0 : payload.count <= 0xFFFF ? 2 : 8) {
        case 0: bytes.append(bit | UInt8(payload.count))
        case 2: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [bit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private mutating func frames(_ chunks: [[UInt8]]) throws -> [ReceivedFrame] {
        var frames: [ReceivedFrame] = []
        for chunk in chunks {
            reader.received(ByteBuffer(bytes: chunk))
            while let frame = try reader.next(maxPayload: 70_000) { frames.append(frame) }
        }
        return frames
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_000])
    func payloadsOfAllLengthsLoseTheirMask(_ length: Int) throws {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for mask in [[0, 0, 0, 0], [1, 2, 3, 250], nil] as [[UInt8]?] {
            var test = self
            let frame = try #require(try test.frames([bytes(0x82, payload, mask: mask)]).first)
            #expect(frame.payload == ByteBuffer(bytes: payload))
            #expect(frame.isMasked == (mask != nil))
            #expect(frame.opcode == .binary)
            #expect(frame.isFinal)
        }
    }

    @Test func theBitsOfTheFirstByte() throws {
        var test = self
        let frames = try test.frames([bytes(0x01, [65]), bytes(0xC2, [66]), bytes(0xA0, []), bytes(0x93, [])])
        #expect(frames.map(\.isFinal) == [false, true, true, true])
        #expect(frames.map(\.isCompressed) == [false, true, false, false])
        #expect(frames.map(\.hasUnknownBits) == [false, false, true, true])
        #expect(frames.map(\.opcode) == [.text, .binary, .continuation, nil])
    }

    @Test func itDoesNotMatterHowTheBytesAreCut() throws {
        let input =
            bytes(0x81, Array("42[\"a\"]".utf8)) + bytes(0x89, [1, 2]) + bytes(0x82, [UInt8](repeating: 9, count: 300)) + bytes(0x88, [])
        var test = self
        let whole = try test.frames([input])
        #expect(whole.count == 4)
        test = self
        #expect(try test.frames(input.map { [$0] }) == whole)
        for size in 2..<40 {
            test = self
            #expect(
                try test.frames(stride(from: 0, to: input.count, by: size).map { Array(input[$0..<min($0 + size, input.count)]) }) == whole
            )
        }
    }

    @Test func aFrameOverTheLimitIsRefusedAtItsHeader() throws {
        for header in [[0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x71], [0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 8)] as [[UInt8]] {
            var test = self
            #expect(throws: FrameReader.Violation.tooLong) { try test.frames([header]) }
        }
    }

    @Test(arguments: [0x88, 0x89, 0x8A] as [UInt8])
    func controlFramesAreShortAndWhole(_ firstByte: UInt8) throws {
        var test = self
        #expect(try test.frames([bytes(firstByte, [UInt8](repeating: 1, count: 125))]).count == 1)
        #expect(throws: FrameReader.Violation.badControlFrame) {
            try test.frames([bytes(firstByte, [UInt8](repeating: 1, count: 126))])
        }
        test = self
        #expect(throws: FrameReader.Violation.badControlFrame) { try test.frames([bytes(firstByte & 0x0F, [])]) }
    }
}
