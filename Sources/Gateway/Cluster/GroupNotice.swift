import GatewayDomain
import NIOCore

/// A message on its way to the members of a group on all nodes, as it stands in the stream of such messages: `g <room> <socket> <id>`, a line
/// feed and the payload. The socket, which is the sender's, gets none.
struct GroupNotice: Hashable, Sendable {
    let room: Room
    let exceptSocket: String
    /// The message's id: what comes twice is known by it.
    let id: String
    /// The payload of the event.
    let json: String

    init(room: Room, except socketID: String, id: String, json: String) {
        self.room = room
        exceptSocket = socketID
        self.id = id
        self.json = json
    }

    /// Returns `nil` where the bytes are no such notice.
    init?(_ payload: ByteBuffer) {
        let bytes = payload.readableBytesView
        guard let end = bytes.prefix(256).firstIndex(of: UInt8(ascii: "\n")), end < bytes.endIndex - 1 else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard head.count == 4, head[0] == "g", !head[2].isEmpty, !head[3].isEmpty, let room = Room(name: String(head[1])),
            room.kind == .group
        else { return nil }
        self.init(
            room: room,
            except: String(head[2]),
            id: String(head[3]),
            json: String(decoding: bytes[(end + 1)...], as: UTF8.self)
        )
    }

    var text: String { "g \(room.name) \(exceptSocket) \(id)\n\(json)" }
}
