public import GatewayDomain
public import NIOCore

/// What nodes are told of an item that has been kept, over the channel of its user: `m <place> <letter> <node> <time> <length of id>`, a line
/// feed, the id and the members.
public struct MailNotice: Hashable, Sendable {
    /// What was kept.
    public let kept: KeptItem
    /// Who wants to hear whether a device has it; `nil` where nobody does.
    public let node: NodeID?

    /// Returns `nil` where the bytes are no such notice.
    public init?(_ payload: ByteBuffer) {
        let bytes = payload.readableBytesView
        guard let end = bytes.prefix(160).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard head.count == 6, head[0] == "m", let place = Int64(head[1]), let kind = MailboxItem.Kind(letter: head[2]),
            let keptAt = Int64(head[4]), let length = Int(head[5])
        else { return nil }
        let body = bytes[(end + 1)...]
        guard length >= 0, length <= body.count else { return nil }
        let item = MailboxItem(
            id: String(decoding: body.prefix(length), as: UTF8.self),
            kind: kind,
            members: String(decoding: body.dropFirst(length), as: UTF8.self),
            keptAt: keptAt
        )
        kept = KeptItem(item, place: place)
        node = NodeID(head[3])
    }
}

extension MailboxItem.Kind {
    /// By what scripts name it.
    var letter: String {
        switch self {
        case .directMessage: "d"
        case .notification: "n"
        }
    }

    init?(letter: some StringProtocol) {
        switch letter {
        case "d": self = .directMessage
        case "n": self = .notification
        default: return nil
        }
    }

    var other: Self {
        switch self {
        case .directMessage: .notification
        case .notification: .directMessage
        }
    }
}
