import NIOCore
import Testing

@testable import moonx

@Suite("WholeFrames")
struct WholeFramesTests {
    private struct Frame: Equatable {
        var opcode: UInt8
        var text: String
    }

    /// One frame of each form of length, a ping and a close among them.
    private let sent = [
        Frame(opcode: 1, text: "0{}"), Frame(opcode: 1, text: String(repeating: "a", count: 125)), Frame(opcode: 9, text: ""),
        Frame(opcode: 1, text: String(repeating: "b", count: 126)), Frame(opcode: 1, text: String(repeating: "c", count: 70_000)),
        Frame(opcode: 8, text: "xx"),
    ]

    private var bytes: [UInt8] {
        sent.flatMap { frame -> [UInt8] in
            let count = frame.text.utf8.count
            let length: [UInt8] =
                switch count {
                case ..<126: [UInt8(count)]
                case ..<65_536: [126, UInt8(count >> 8), UInt8(count & 0xFF)]
                default: [127] + (0..<8).map { UInt8(count >> (56 - 8 * $0) & 0xFF) }
                }
            return [0x80 | frame.opcode] + length + frame.text.utf8
        }
    }

    private func read(_ pieces: some Sequence<some Sequence<UInt8>>) -> [Frame] {
        var frames = WholeFrames()
        var read: [Frame] = []
        for piece in pieces {
            frames.received(ByteBuffer(bytes: piece)) { read.append(Frame(opcode: $0, text: String(decoding: $1, as: UTF8.self))) }
        }
        return read
    }

    @Test func allAtOnce() {
        #expect(read([bytes]) == sent)
    }

    @Test(arguments: [128, 1_000, 4_096])
    func inPieces(_ size: Int) {
        let bytes = self.bytes
        #expect(read(stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min(bytes.count, $0 + size)] }) == sent)
    }

    @Test func byteByByte() {
        // What is in pieces is copied for each of them: 70,000 would take long.
        #expect(read(bytes.prefix(3 + 2 + 125 + 2 + 2 + 4 + 126).map { [$0] }) == Array(sent[..<4]))
    }

    @Test func cutOnceAnywhere() {
        let short = Array(bytes.prefix(3 + 2 + 125 + 2 + 2 + 4 + 126))
        for cut in 0...short.count { #expect(read([short[..<cut], short[cut...]]) == Array(sent[..<4])) }
    }
}
