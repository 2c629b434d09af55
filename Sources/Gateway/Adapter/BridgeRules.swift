import GatewayDomain
import NIOCore
import SocketIOCore

/// What others on an adapter's channels may do with the gateway's clients. A value.
///
/// They may send events to rooms, to sockets and to all, disconnect, and ask who is there. Who is in a room of the gateway's the gateway
/// decides: it counts them, and shows a room only to whom the policy lets in. Other rooms are theirs to fill.
struct BridgeRules: Sendable {
    /// The most bytes of an event.
    let maximumBytes: Int
    /// The most rooms that one message names.
    static let maximumRooms = 1_000

    /// Whether the message is carried out.
    func admits(_ message: ClusterMessage) -> Bool {
        switch message.body {
        case .broadcast(let event, let options, _):
            let size = event.attachments.reduce(event.array.readableBytes) { $0 + $1.readableBytes }
            return size <= maximumBytes && admits(options) && isEvent(event)
        case .socketsJoin(let options, let rooms), .socketsLeave(let options, let rooms):
            return admits(options) && rooms.count <= Self.maximumRooms && !rooms.contains(where: isOurs)
        case .disconnectSockets(let options, _), .fetchSockets(let options, _): return admits(options)
        case .serverSideEmit(let array, _): return array.readableBytes <= maximumBytes
        case .initialHeartbeat, .heartbeat, .close, .fetchSocketsResponse, .serverSideEmitResponse, .broadcastClientCount, .broadcastAck:
            return true
        }
    }

    private func admits(_ options: ClusterOptions) -> Bool {
        options.rooms.count <= Self.maximumRooms && options.except.count <= Self.maximumRooms
            && !options.rooms.contains { isInternal($0) }
    }

    /// Whether clients may be sent it: its name is a string, and none of those that Socket.IO keeps for itself.
    private func isEvent(_ event: ClusterEvent) -> Bool {
        let packet = SocketPacket(kind: .event, json: event.array)
        guard case .event? = try? SocketMessage(packet, attachments: event.attachments) else { return false }
        return true
    }

    /// Whether the gateway brings sockets into the room itself.
    private func isOurs(_ room: String) -> Bool {
        isInternal(room) || Room(name: room) != nil || BookView.parse(roomName: room) != nil
    }

    /// Whether the room is one that no client can ask for: of devices, firehoses, watchers.
    private func isInternal(_ room: String) -> Bool {
        room.first.map { ["@", "*", "%"].contains($0) } ?? true
    }
}
