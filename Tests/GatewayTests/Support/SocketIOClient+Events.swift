import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

extension SocketIOClient {
    /// The next event as `name payload`, without the offset that some have.
    func next() async throws -> String {
        let event = try await event(nil, within: .seconds(30))
        return "\(event.name) \(event.arguments.json(0).map { String(buffer: $0) } ?? "")"
    }

    /// The payload of the next event, which must be `name`.
    func next(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> JSONObject {
        let event = try await event(nil, within: .seconds(30))
        #expect(event.name == name, "\(String(buffer: event.arguments.joined))", sourceLocation: sourceLocation)
        return try #require(event.arguments.object(0), sourceLocation: sourceLocation)
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

    /// Asks and expects a positive ack; its confirmation event is read too.
    func joined(_ room: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let answer = try await ask("join_room", "{\"room\":\"\(room)\"}")
        #expect(answer == "{\"ok\":true,\"room\":\"\(room)\"}", sourceLocation: sourceLocation)
        _ = try await event("room_joined", within: .seconds(30))
    }

    /// The code of a negative ack.
    func refusal(_ name: String, _ json: String) async throws -> String? {
        let object = try await emitWithAck(name, json: json, timeout: .seconds(30)).object(0)
        return object?.bool("ok") == false ? object?.string("code") : nil
    }
}

extension JSONObject {
    /// The object as it was written.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
