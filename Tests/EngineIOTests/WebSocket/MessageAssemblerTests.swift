import NIOCore
import Testing

@testable import EngineIO

extension MessageAssembler {
    /// A frame came where messages may have ten bytes.
    fileprivate mutating func received(_ frame: ReceivedFrame) -> Action { received(frame, maxPayload: 10) }
}

@Suite("MessageAssembler")
struct MessageAssemblerTests {
    private var assembler = MessageAssembler()

    private func frame(_ opcode: ReceivedFrame.Opcode, _ bytes: [UInt8] = [], fin: Bool = true, masked: Bool = true) -> ReceivedFrame {
        frame(firstByte: (fin ? 0x80 : 0) | opcode.rawValue, bytes, masked: masked)
    }

    private func frame(firstByte: UInt8, _ bytes: [UInt8], masked: Bool = true) -> ReceivedFrame {
        ReceivedFrame(firstByte: firstByte, isMasked: masked, payload: ByteBuffer(bytes: bytes))
    }

    private func text(_ text: String, fin: Bool = true) -> ReceivedFrame { frame(.text, Array(text.utf8), fin: fin) }
    private func more(_ text: String, fin: Bool) -> ReceivedFrame { frame(.continuation, Array(text.utf8), fin: fin) }

    @Test mutating func wholeMessages() {
        #expect(assembler.received(text("4é")) == .text(ByteBuffer(string: "4é")))
        #expect(assembler.received(text("")) == .text(ByteBuffer()))
        #expect(assembler.received(frame(.binary, [0xFF, 0])) == .binary(ByteBuffer(bytes: [0xFF, 0])))
    }

    @Test mutating func fragmentsAreJoined() {
        #expect(assembler.received(text("4a", fin: false)) == .nothing)
        #expect(assembler.received(more("", fin: false)) == .nothing)
        #expect(assembler.received(more("bc", fin: false)) == .nothing)
        #expect(assembler.received(more("d", fin: true)) == .text(ByteBuffer(string: "4abcd")))
        #expect(assembler.received(frame(.binary, [1], fin: false)) == .nothing)
        #expect(assembler.received(frame(.continuation, [2])) == .binary(ByteBuffer(bytes: [1, 2])))
        #expect(assembler.received(text("4")) == .text(ByteBuffer(string: "4")))
    }

    @Test mutating func aCharacterMayBeSplitOverFragments() {
        #expect(assembler.received(frame(.text, [0x34, 0xC3], fin: false)) == .nothing)
        #expect(assembler.received(frame(.continuation, [0xA9])) == .text(ByteBuffer(string: "4é")))
    }

    @Test mutating func controlFramesComeBetweenFragments() {
        #expect(assembler.received(text("4a", fin: false)) == .nothing)
        #expect(assembler.received(frame(.ping, [7])) == .pong(ByteBuffer(bytes: [7])))
        #expect(assembler.received(frame(.pong, [7])) == .nothing)
        #expect(assembler.received(more("b", fin: true)) == .text(ByteBuffer(string: "4ab")))
    }

    @Test mutating func aContinuationOfNothingIs1002() {
        #expect(assembler.received(more("a", fin: true)) == .fail(code: 1002))
    }

    @Test mutating func aNewMessageWithinAMessageIs1002() {
        #expect(assembler.received(text("4a", fin: false)) == .nothing)
        #expect(assembler.received(text("4b")) == .fail(code: 1002))
    }

    @Test(arguments: [ReceivedFrame.Opcode.text, .binary, .ping, .pong, .close])
    mutating func unmaskedIs1002(_ opcode: ReceivedFrame.Opcode) {
        #expect(assembler.received(frame(opcode, masked: false)) == .fail(code: 1002))
        #expect(assembler.received(frame(.ping)) == .nothing)
    }

    @Test(arguments: [0, 1, 2] as [UInt8])
    func aReservedBitIs1002(_ bit: UInt8) {
        var assembler = MessageAssembler()
        #expect(assembler.received(frame(firstByte: 0x81 | 0x40 >> bit, Array("4a".utf8))) == .fail(code: 1002))
    }

    @Test(arguments: [3, 7, 0xB, 0xF])
    func anUnknownOpcodeIs1002(_ code: UInt8) {
        var assembler = MessageAssembler()
        #expect(assembler.received(frame(firstByte: 0x80 | code, [])) == .fail(code: 1002))
    }

    @Test mutating func badUTF8Is1007InTextOnly() {
        #expect(assembler.received(frame(.binary, [0xC3])) == .binary(ByteBuffer(bytes: [0xC3])))
        #expect(assembler.received(frame(.text, [0x34, 0xC3])) == .fail(code: 1007))
    }

    @Test mutating func badUTF8InFragmentsIs1007() {
        #expect(assembler.received(frame(.text, [0x34, 0xC3], fin: false)) == .nothing)
        #expect(assembler.received(frame(.continuation, [0x41])) == .fail(code: 1007))
    }

    @Test mutating func badUTF8IsRefusedInTheFragmentThatItIsIn() {
        #expect(assembler.received(frame(.text, [0x34, 0xC3], fin: false)) == .nothing)
        #expect(assembler.received(frame(.continuation, [0x41], fin: false)) == .fail(code: 1007))
    }

    @Test mutating func anUnfinishedCharacterAtTheEndOfTheFragmentsIs1007() {
        #expect(assembler.received(text("4", fin: false)) == .nothing)
        #expect(assembler.received(frame(.continuation, [0xF0, 0x9F])) == .fail(code: 1007))
    }

    @Test mutating func tooBigIs1009() {
        #expect(assembler.received(text("4123456789")) == .text(ByteBuffer(string: "4123456789")))
        #expect(assembler.received(text("41234567890")) == .fail(code: 1009))
    }

    @Test mutating func tooBigInFragmentsIs1009() {
        #expect(assembler.received(text("41234", fin: false)) == .nothing)
        #expect(assembler.received(more("56789", fin: false)) == .nothing)
        #expect(assembler.received(more("", fin: false)) == .nothing)
        #expect(assembler.received(more("0", fin: false)) == .fail(code: 1009))
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999] as [UInt16])
    func aValidCloseCodeIsEchoed(_ code: UInt16) {
        var assembler = MessageAssembler()
        let bytes = [UInt8(code >> 8), UInt8(code & 255)] + Array("bye".utf8)
        #expect(assembler.received(frame(.close, bytes)) == .peerClosed(code: code))
        #expect(assembler.received(text("4a")) == .nothing)
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] as [UInt16])
    func anInvalidCloseCodeIs1002(_ code: UInt16) {
        var assembler = MessageAssembler()
        #expect(assembler.received(frame(.close, [UInt8(code >> 8), UInt8(code & 255)])) == .fail(code: 1002))
    }

    @Test func closeFramesOfOtherShapes() {
        for (bytes, action): ([UInt8], MessageAssembler.Action) in [
            ([], .peerClosed(code: nil)), ([3], .fail(code: 1002)), ([3, 0xE8, 0xC3], .fail(code: 1007)),
            ([3, 0xE8, 0xC3, 0xA9], .peerClosed(code: 1000)),
        ] {
            var assembler = MessageAssembler()
            #expect(assembler.received(frame(.close, bytes)) == action)
        }
    }
}
