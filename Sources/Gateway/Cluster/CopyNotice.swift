import GatewayDomain
import NIOCore

/// An event on its way to the devices of a user or the members of a room on all nodes, of which nothing is kept: `c <socket> <name>`, a line
/// feed and the payload. The socket gets none; `-` where there is no such one.
struct CopyNotice: Hashable, Sendable {
    let event: PlainEvent
    let exceptSocket: String?

    init(_ event: PlainEvent, except socketID: String?) {
        self.event = event
        exceptSocket = socketID
    }

    /// Returns `nil` where the bytes are no such notice.
    init?(_ payload: ByteBuffer) {
        let bytes = payload.readableBytesView
        guard let end = bytes.prefix(160).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard head.count == 3, head[0] == "c", !head[1].isEmpty, !head[2].isEmpty else { return nil }
        exceptSocket = head[1] == "-" ? nil : String(head[1])
        event = PlainEvent(name: String(head[2]), json: String(decoding: bytes[(end + 1)...], as: UTF8.self))
    }

    var text: String { "c \(exceptSocket ?? "-") \(event.name)\n\(event.json)" }
}
