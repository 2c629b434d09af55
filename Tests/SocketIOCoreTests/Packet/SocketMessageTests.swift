import JSONScan
import NIOCore
import SocketIOCore
import Testing

@Suite("SocketMessage")
struct SocketMessageTests {
    private func message(_ text: String) throws(SocketPacketError) -> SocketMessage {
        try SocketMessage(try SocketPacket(text: ByteBuffer(string: text)))
    }

    @Test func connect() throws {
        guard case .connect("/", nil) = try message("0") else { return notWhatIsDue("not a connect without auth") }
        guard case .connect("/x", let auth?) = try message(#"0/x,{"token":"t"}"#) else { return notWhatIsDue("not a connect") }
        #expect(auth.string("token") == "t")
    }

    @Test func ofEngineIO3TheQueryOfTheNamespaceIsTheAuth() throws {
        let packet = try SocketPacket(text: ByteBuffer(string: "0/x?token=t%2F1&a=,"))
        #expect(packet.namespace == "/x")
        #expect(packet.namespaceQuery == "token=t%2F1&a=")
        guard case .connect("/x", let auth?) = try SocketMessage(packet, readsNamespaceQuery: true) else {
            return notWhatIsDue("not a connect with auth")
        }
        #expect(auth.keys == ["token", "a"])
        #expect(auth.string("token") == "t/1")
        // To protocol 4 it is part of the name.
        guard case .connect("/x?token=t%2F1&a=", nil) = try SocketMessage(packet) else { return notWhatIsDue("another namespace") }
        guard case .event("/x?a=1", "hi", _, nil) = try message(#"2/x?a=1,["hi"]"#), case .disconnect("/x?a=1") = try message("1/x?a=1,"),
            case .ack("/x?a=1", 7, _) = try message("3/x?a=1,7[]")
        else { return notWhatIsDue("another namespace") }
        var assembler = PacketAssembler(readsNamespaceQuery: true)
        guard case .connect("/", nil)? = try assembler.received(text: ByteBuffer(string: "0")) else { return notWhatIsDue("auth") }
        guard case .connect("/y", let empty?)? = try assembler.received(text: ByteBuffer(string: "0/y?")) else {
            return notWhatIsDue("no auth")
        }
        #expect(empty.keys == [])
    }

    @Test func disconnect() throws {
        guard case .disconnect("/x") = try message("1/x,") else { return notWhatIsDue("not a disconnect") }
    }

    @Test func event() throws {
        guard case .event("/", "join", let arguments, 7) = try message(#"27["join",{"room":"r"}]"#) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.count == 1)
        #expect(arguments.object(0)?.string("room") == "r")
    }

    @Test func anEscapedNameIsTheSameName() throws {
        guard case .event(_, "join", _, nil) = try message(#"2["jo\u0069n"]"#) else { return notWhatIsDue("not an event") }
        #expect(throws: SocketPacketError.reservedEvent) { try message(#"2["conn\u0065ct"]"#) }
    }

    @Test func ack() throws {
        guard case .ack("/", 3, let arguments) = try message(#"33["ok",null]"#) else { return notWhatIsDue("not an ack") }
        #expect(arguments.count == 2)
        guard case .ack(_, 3, let none) = try message("33[]") else { return notWhatIsDue("not an ack") }
        #expect(none.count == 0)
    }

    @Test func connectErrorKeepsItsPayload() throws {
        guard case .connectError("/", let payload) = try message(#"4{"message":"no"}"#) else { return notWhatIsDue("not an error") }
        #expect(String(buffer: payload) == #"{"message":"no"}"#)
    }

    @Test(arguments: ["2[1]", "2[-1.5,{}]", "27[0,\"a\"]", "3[]", "3[1,2]"])
    func whatTheReferenceIgnoresIsIgnored(_ text: String) throws {
        guard case .ignored = try message(text) else { return notWhatIsDue("not ignored") }
    }

    @Test(arguments: [
        "2{}", "2[]", "2", "2null", "2\"a\"", "2[null]", "2[true]", "2[{}]", "2[[\"a\"]]", "2[\"a\"", "2[\"a\"]]", "2[\"a\",]", "2[\"a\"]x",
        "2[\"a\" \"b\"]", "0\"x\"", "0[1]", "0null", "0{", "0{}{}", "1{}", "1[]", "1\"x\"", "1/x,{}", "3{}", "31{}", "31", "31[",
        "2-1[\"a\"]", "2 1[\"a\"]",
    ])
    func payloadsOfTheWrongKindAreRefused(_ text: String) {
        #expect(throws: SocketPacketError.malformedPayload) { try message(text) }
    }

    @Test func reservedNamesAreRefusedAndTheirNeighboursNot() throws {
        for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"] {
            #expect(throws: SocketPacketError.reservedEvent) { try message("2[\"\(name)\"]") }
            #expect(throws: SocketPacketError.reservedEvent) { try message("50-[\"\(name)\"]") }
            for neighbour in [name + "s", name.uppercased(), " " + name] {
                guard case .event(_, neighbour, _, nil) = try message("2[\"\(neighbour)\"]") else {
                    return notWhatIsDue("not an event")
                }
            }
        }
    }
}

@Suite("EventArguments")
struct EventArgumentsTests {
    private func arguments(_ text: String, attachments: [ByteBuffer] = []) throws -> EventArguments {
        let message = try SocketMessage(try SocketPacket(text: ByteBuffer(string: text)), attachments: attachments)
        switch message {
        case .event(_, _, let arguments, _), .ack(_, _, let arguments): return arguments
        default: throw SocketPacketError.malformedPayload
        }
    }

    @Test func kindsAndValues() throws {
        let arguments = try arguments(#"2["e", {"a":1} , [1], "x\ny", 105433.60000, true, false, null]"#)
        #expect((0..<8).map { arguments.kind($0) } == [.object, .array, .string, .number, .true, .false, .null, nil])
        #expect(arguments.kind(-1) == nil)
        #expect(arguments.string(2) == "x\ny")
        #expect(arguments.string(3) == nil)
        #expect(arguments.object(0)?.integer("a") == 1)
        #expect(arguments.object(1) == nil)
        #expect(arguments.json(7) == nil)
        #expect(arguments.json(-1) == nil)
    }

    @Test func numbersKeepTheirDigits() throws {
        let arguments = try arguments(#"2["e",105433.60000,1e-7,{"p":0.10}]"#)
        #expect(arguments.json(0).map { String(buffer: $0) } == "105433.60000")
        #expect(arguments.json(1).map { String(buffer: $0) } == "1e-7")
        #expect(arguments.json(2).map { String(buffer: $0) } == #"{"p":0.10}"#)
        #expect(String(buffer: arguments.joined) == #"105433.60000,1e-7,{"p":0.10}"#)
    }

    @Test func joinedIsEmptyWithoutArguments() throws {
        #expect(try arguments(#"2["e"]"#).joined.readableBytes == 0)
        #expect(try arguments("31[]").joined.readableBytes == 0)
        #expect(String(buffer: try arguments("31[1,2]").joined) == "1,2")
    }

    @Test func placeholdersStandForAttachments() throws {
        let attachments = [ByteBuffer(bytes: [1]), ByteBuffer(bytes: [2])]
        let json = #"["e",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0},{"_placeholder":true,"num":2},{"num":0},7]"#
        let arguments = try arguments("5" + "0-" + json, attachments: attachments)
        #expect(arguments.binary(0) == attachments[1])
        #expect(arguments.binary(1) == attachments[0])
        for index in 2...5 { #expect(arguments.binary(index) == nil) }
    }

    @Test func withoutAttachmentsAPlaceholderIsOrdinaryData() throws {
        let arguments = try arguments(#"2["e",{"_placeholder":true,"num":0}]"#)
        #expect(arguments.binary(0) == nil)
        #expect(arguments.object(0)?.integer("num") == 0)
    }

    @Test func rangesHoldWhereTheBufferDoesNotBeginAtZero() throws {
        var buffer = ByteBuffer(string: #"....2["e","é",12.0]"#)
        buffer.moveReaderIndex(forwardBy: 4)
        guard case .event(_, "e", let arguments, nil) = try SocketMessage(try SocketPacket(text: buffer)) else {
            return notWhatIsDue("not an event")
        }
        #expect(arguments.string(0) == "é")
        #expect(arguments.json(1).map { String(buffer: $0) } == "12.0")
    }
}
