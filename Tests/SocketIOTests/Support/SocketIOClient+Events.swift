import NIOCore
import SocketIOClient
import SocketIOCore

extension SocketIOClient {
    /// The next event as `name arguments`.
    func next() async throws -> String {
        let event = try await event(nil, within: .seconds(30))
        return "\(event.name) \(String(buffer: event.arguments.joined))"
    }

    /// All events before `name`, which the server sends last.
    func events(before name: String) async throws -> [String] {
        var lines: [String] = []
        while true {
            let event = try await event(nil, within: .seconds(30))
            if event.name == name { return lines }
            lines.append("\(event.name) \(String(buffer: event.arguments.joined))")
        }
    }

    /// Reads what still comes, waits for the end of the connection and says why it ended.
    func end(_ read: (String) -> Void = { _ in }) async throws -> SocketIOCloseReason? {
        do {
            while true { read(try await event(nil, within: .seconds(30)).name) }
        } catch let error as SocketIOClientError where error.code == .closed {
            return closeReason
        }
    }

    /// Asks for an ack and gives its arguments as JSON text.
    func ask(_ name: String, _ json: String = "") async throws -> String {
        String(buffer: try await emitWithAck(name, json: json, timeout: .seconds(30)).joined)
    }
}

extension RawWebSocket {
    /// The next text.
    func text() async throws -> String { try await receiveText(within: .seconds(30)) }

    /// Whether what comes next is the end: an empty close frame, as the reference server sends.
    func isClosed() async throws -> Bool {
        try await receive(within: .seconds(30)) == .close(code: nil)
    }
}
