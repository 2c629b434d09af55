import JSONScan
import NIOCore
import SocketIOCore

/// Writes the packets that a client sends, its arguments given as JSON text: values joined by commas, or nothing.
enum OutgoingPacket {
    static func event(
        _ name: String,
        json: String,
        attachments: [ByteBuffer],
        namespace: String,
        ackID: UInt64? = nil
    ) -> [EngineMessage] {
        var text = ByteBuffer()
        SocketPacket.writeEvent(
            name,
            arguments: ByteBuffer(string: json),
            namespace: namespace,
            ackID: ackID,
            attachmentCount: attachments.count,
            into: &text
        )
        return [.text(text)] + attachments.map(EngineMessage.binary)
    }

    static func ack(_ id: UInt64, json: String, attachments: [ByteBuffer], namespace: String) -> [EngineMessage] {
        var text = ByteBuffer()
        SocketPacket.writeAck(
            id,
            arguments: ByteBuffer(string: json),
            namespace: namespace,
            attachmentCount: attachments.count,
            into: &text
        )
        return [.text(text)] + attachments.map(EngineMessage.binary)
    }

    static func disconnect(namespace: String) -> EngineMessage {
        var text = ByteBuffer()
        SocketPacket(kind: .disconnect, namespace: namespace).write(into: &text)
        return .text(text)
    }

    /// The messages of one packet as `parser` writes it.
    static func encoded(_ messages: [EngineMessage], for parser: SocketIOParser) -> [EngineMessage] {
        guard parser == .msgpack, case .text(let text)? = messages.first else { return messages }
        let attachments = messages.dropFirst().compactMap { if case .binary(let bytes) = $0 { bytes } else { nil } }
        return SocketPacket.messagePack(text: text, attachments: attachments).map { [.binary($0)] } ?? messages
    }

    /// - Throws: ``SocketIOClientError`` where `json` is not a list of JSON values.
    static func validate(arguments json: String) throws(SocketIOClientError) {
        let bytes = Array("[\(json)]".utf8)
        do {
            var scanner = JSONScanner(bytes.span)
            try scanner.forEachElement { _ in }
            try scanner.end()
        } catch {
            throw SocketIOClientError(.invalidJSON, "arguments: \(error)")
        }
    }

    /// - Throws: ``SocketIOClientError`` where `json` is not one JSON object.
    static func validate(auth json: String) throws(SocketIOClientError) {
        do { _ = try JSONObject(Array(json.utf8)) } catch { throw SocketIOClientError(.invalidJSON, "auth: \(error)") }
    }
}
