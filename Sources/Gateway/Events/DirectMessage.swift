import Foundation
import GatewayDomain
import JSONScan
import SocketIO

/// `direct_message {to, message, clientMessageId?}`: every device of `to` gets it, now or at its next connection; the sender's other
/// devices get a copy. The ack is `{ok, messageId, delivered}`.
struct DirectMessage: ClientEvent {
    static let name = "direct_message"
    let mailboxes: Mailboxes
    let chat: ChatGate
    let now: @Sendable () -> Int64

    func handle(_ call: ClientCall) throws(GatewayError) {
        let sender = try call.user()
        let payload = try call.payload()
        guard let recipient = payload.string("to").flatMap({ UserID($0) }) else { throw .invalid("`to` must be a user's id") }
        let message = try ChatMessage(call, payload, from: sender, limits: chat.limits)
        guard chat.admits(message, from: sender, call) else { return }
        let id = UUID().uuidString.lowercased()
        let timestamp = now()
        let members =
            "\"from\":\"\(sender)\",\"to\":\"\(recipient)\",\"message\":\(message.json),\"messageId\":\"\(id)\",\"timestamp\":\(timestamp)"
        let item = MailboxItem(id: id, kind: .directMessage, members: members, keptAt: timestamp)
        let isTaken = mailboxes.send(item, to: recipient, as: message.key) { result in
            switch result {
            case .success(let (sent, isRepeat)):
                if !isRepeat, recipient != sender {
                    let copy = PlainEvent(name: Self.name, json: "{\(members)}")
                    mailboxes.exchange.copy(copy, to: sender, except: call.socket.id)
                }
                call.acknowledge(members: "\"messageId\":\"\(sent.messageID)\",\"delivered\":\(sent.delivered)")
            case .failure(let error): call.fail(error)
            }
        }
        if !isTaken { throw .busy }
    }
}
