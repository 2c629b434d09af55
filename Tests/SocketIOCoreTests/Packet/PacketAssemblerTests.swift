import JSONScan
import NIOCore
import SocketIOCore
import Testing

@Suite("PacketAssembler")
struct PacketAssemblerTests {
    private var assembler = PacketAssembler()

    private func text(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

    private func isNil(_ message: SocketMessage?) -> Bool {
        if case nil = message { true } else { false }
    }

    @Test mutating func aTextPacketIsWholeAtOnce() throws {
        guard case .event(_, "a", _, nil) = try assembler.received(text: text(#"2["a"]"#)) else { return notWhatIsDue("not an event") }
    }

    @Test mutating func attachmentsComeInOrder() throws {
        #expect(isNil(try assembler.received(text: text(#"52-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#))))
        #expect(isNil(try assembler.received(binary: ByteBuffer(bytes: [1]))))
        guard case .event(_, "a", let arguments, nil) = try assembler.received(binary: ByteBuffer(bytes: [2])) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.attachments == [ByteBuffer(bytes: [1]), ByteBuffer(bytes: [2])])
        #expect(arguments.binary(1) == ByteBuffer(bytes: [2]))
        guard case .event(_, "b", _, nil) = try assembler.received(text: text(#"2["b"]"#)) else { return notWhatIsDue("not an event") }
    }

    @Test mutating func noAttachmentsAreWholeAtOnce() throws {
        guard case .event(_, "a", _, nil) = try assembler.received(text: text(#"50-["a"]"#)) else { return notWhatIsDue("not an event") }
    }

    @Test mutating func aBinaryAck() throws {
        #expect(isNil(try assembler.received(text: text(#"61-3[{"_placeholder":true,"num":0}]"#))))
        guard case .ack("/", 3, let arguments) = try assembler.received(binary: ByteBuffer(bytes: [9])) else {
            return notWhatIsDue("not an ack")
        }
        #expect(arguments.binary(0) == ByteBuffer(bytes: [9]))
    }

    @Test mutating func textWhereAnAttachmentIsDueIsRefused() throws {
        #expect(isNil(try assembler.received(text: text(#"51-["a",{"_placeholder":true,"num":0}]"#))))
        #expect(throws: SocketPacketError.unexpectedMessage) { try assembler.received(text: text(#"2["b"]"#)) }
    }

    @Test mutating func aStrayBinaryIsRefused() throws {
        #expect(throws: SocketPacketError.unexpectedMessage) { try assembler.received(binary: ByteBuffer(bytes: [1])) }
        #expect(isNil(try assembler.received(text: text(#"51-["a",{"_placeholder":true,"num":0}]"#))))
        #expect(!isNil(try assembler.received(binary: ByteBuffer(bytes: [1]))))
        #expect(throws: SocketPacketError.unexpectedMessage) { try assembler.received(binary: ByteBuffer(bytes: [1])) }
    }

    @Test mutating func tenAttachmentsAreTheMost() throws {
        #expect(isNil(try assembler.received(text: text(#"510-["a"]"#))))
        for number in 1...9 { #expect(isNil(try assembler.received(binary: ByteBuffer(bytes: [UInt8(number)])))) }
        guard case .event(_, "a", let arguments, nil) = try assembler.received(binary: ByteBuffer(bytes: [10])) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.attachments.count == 10)
        #expect(throws: SocketPacketError.tooManyAttachments) { try assembler.received(text: text(#"511-["a"]"#)) }
    }

    @Test func aPacketWithItsAttachmentsHasABound() throws {
        var assembler = PacketAssembler(maximumBytes: 20)
        #expect(isNil(try assembler.received(text: text(#"52-["a"]"#))))
        #expect(isNil(try assembler.received(binary: ByteBuffer(repeating: 1, count: 6))))
        #expect(!isNil(try assembler.received(binary: ByteBuffer(repeating: 1, count: 6))))
        #expect(isNil(try assembler.received(text: text(#"52-["a"]"#))))
        #expect(isNil(try assembler.received(binary: ByteBuffer(repeating: 1, count: 6))))
        #expect(throws: SocketPacketError.tooLarge) { try assembler.received(binary: ByteBuffer(repeating: 1, count: 7)) }
    }

    @Test mutating func aBadPayloadIsRefusedAtTheLatestWhenItsAttachmentsAreThere() throws {
        do {
            _ = try assembler.received(text: text("51-{}"))
            _ = try assembler.received(binary: ByteBuffer())
            notWhatIsDue("accepted")
        } catch {
            #expect(error == .malformedPayload)
        }
    }

    @Test(arguments: [
        #"51-["a",{"_placeholder":true,"num":1}]"#, #"51-["a",{"_placeholder":true,"num":-1}]"#, #"51-["a",{"_placeholder":true}]"#,
        #"61-3[{"b":[{"_placeholder":true,"num":"0"}]}]"#,
    ])
    func aPlaceholderForNoAttachmentIsRefused(_ packet: String) throws {
        var assembler = PacketAssembler()
        #expect(isNil(try assembler.received(text: text(packet))))
        #expect(throws: SocketPacketError.malformedPayload) { try assembler.received(binary: ByteBuffer(bytes: [1])) }
    }

    /// The reference parser puts nothing together where there is nothing to put in: the object stays one.
    @Test mutating func withoutAttachmentsAPlaceholderIsAnObject() throws {
        let packet = #"50-["a",{"_placeholder":true,"num":7}]"#
        guard case .event(_, "a", let arguments, nil) = try assembler.received(text: text(packet)) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.object(0)?.integer("num") == 7)
    }
}
