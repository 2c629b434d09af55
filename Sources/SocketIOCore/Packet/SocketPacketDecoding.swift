public import NIOCore

extension SocketPacket {
    /// The most attachments of one packet, as in the reference parser.
    public static let maximumAttachments = 10
    /// The longest namespace that is looked at, in bytes.
    public static let maximumNamespaceLength = 512
    /// Ack ids are JavaScript numbers: beyond 2^53 they are no longer exact.
    public static let maximumAckID: UInt64 = 1 << 53

    /// Reads a packet's header; the JSON is a slice of `text` and not yet validated.
    ///
    /// Grammar: `<type>[<attachments>-][<namespace>,][<ack id>][<JSON>]`.
    public init(text: ByteBuffer) throws(SocketPacketError) {
        try self.init(text: text, maximumAttachments: Self.maximumAttachments)
    }

    /// Reads a packet of ours, which may have more attachments than a client's.
    init(text: ByteBuffer, maximumAttachments: Int) throws(SocketPacketError) {
        var text = text
        guard let digit: UInt8 = text.readInteger(), let kind = Kind(rawValue: digit &- UInt8(ascii: "0")) else { throw .unknownType }
        self.init(kind: kind)
        if kind == .binaryEvent || kind == .binaryAck {
            guard let count = Self.readNumber(&text), text.readInteger() == UInt8(ascii: "-") else { throw .malformedHeader }
            guard count <= maximumAttachments else { throw .tooManyAttachments }
            attachmentCount = Int(count)
        }
        if text.getInteger(at: text.readerIndex, as: UInt8.self) == UInt8(ascii: "/") {
            let view = text.readableBytesView
            let end = view.firstIndex(of: UInt8(ascii: ",")) ?? view.endIndex
            let length = end - view.startIndex
            guard length <= Self.maximumNamespaceLength, let name = text.readString(length: length) else { throw .malformedHeader }
            (namespace, namespaceQuery) = Self.splitQuery(name)
            text.moveReaderIndex(forwardBy: end < view.endIndex ? 1 : 0)
        }
        if let first = text.getInteger(at: text.readerIndex, as: UInt8.self), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            guard let id = Self.readNumber(&text), id <= Self.maximumAckID else { throw .malformedHeader }
            ackID = id
        }
        json = text
    }

    /// A query in the namespace is protocol 4's way of `auth`; it does not name another namespace.
    static func splitQuery(_ name: String) -> (namespace: String, query: String?) {
        // Bytes, not characters: a question mark with a combining mark after it is another character in Swift.
        guard let mark = name.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (name, nil) }
        return (String(name[..<mark]), String(name.utf8[mark...].dropFirst()) ?? "")
    }

    private static func readNumber(_ text: inout ByteBuffer) -> UInt64? {
        var value: UInt64 = 0
        var digits = 0
        while let byte = text.getInteger(at: text.readerIndex, as: UInt8.self), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            guard digits < 17 else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
            digits += 1
            text.moveReaderIndex(forwardBy: 1)
        }
        return digits > 0 ? value : nil
    }
}
