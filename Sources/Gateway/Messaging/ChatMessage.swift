import GatewayDomain
import JSONScan

/// What `room_message` and `direct_message` have in common: the text, and the sender's own name for the message.
struct ChatMessage: Sendable {
    /// The message as JSON, as the client wrote it.
    let json: String
    let key: ClientMessageKey?

    init(_ call: ClientCall, _ payload: JSONObject, from sender: UserID, limits: GatewayLimits) throws(GatewayError) {
        guard let slice = payload["message"], slice.kind != .null, let raw = payload.raw("message") else {
            throw .invalid("`message` is missing")
        }
        // Of a text its own bytes count, not the escapes it was written with.
        let length = payload.string("message")?.utf8.count ?? raw.count
        guard length <= limits.chatMessageBytes, raw.count <= 6 * limits.chatMessageBytes + 2 else {
            call.counters.count(.chatMessage)
            throw .invalid("`message` may have at most \(limits.chatMessageBytes) bytes")
        }
        json = String(decoding: raw, as: UTF8.self)
        guard let name = payload["clientMessageId"], name.kind != .null else {
            key = nil
            return
        }
        guard let key = payload.string("clientMessageId").flatMap({ ClientMessageKey(sender: sender, id: $0) }) else {
            throw .invalid("`clientMessageId` must be a string of 1 to 128 bytes")
        }
        self.key = key
    }
}
