import Foundation
import GatewayDomain
import JSONScan
import SocketIO

/// `room_message {room or roomId, message, clientMessageId?}`: the other members of a group that the sender is in get it. The ack is
/// `{ok, messageId}`.
struct RoomMessage: ClientEvent {
    static let name = "room_message"
    let mailboxes: Mailboxes
    let chat: ChatGate
    let now: @Sendable () -> Int64

    func handle(_ call: ClientCall) throws(GatewayError) {
        let sender = try call.user()
        let payload = try call.payload()
        let room = try JoinRoom.room(in: payload)
        guard case .group = room else { throw GatewayError(.accessDenied, "\(room.name) takes no messages; only groups do") }
        guard call.socket.isIn(room.name) else { throw GatewayError(.accessDenied, "you are not in \(room.name); join it first") }
        let message = try ChatMessage(call, payload, from: sender, limits: chat.limits)
        guard chat.admits(message, from: sender, call) else { return }
        let id = UUID().uuidString.lowercased()
        let timestamp = now()
        let item = MailboxItem(id: id, kind: .directMessage, members: "", keptAt: timestamp)
        let event = PlainEvent(
            name: Self.name,
            json: "{\"room\":\"\(room.name)\",\"from\":\"\(sender)\",\"message\":\(message.json),"
                + "\"messageId\":\"\(id)\",\"timestamp\":\(timestamp)}"
        )
        let isTaken = mailboxes.send(event, of: item, to: room, as: message.key, except: call.socket.id) { result in
            switch result {
            case .success(let sent): call.acknowledge(members: "\"messageId\":\"\(sent.messageID)\"")
            case .failure(let error): call.fail(error)
            }
        }
        if !isTaken { throw .busy }
    }
}
