import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Moving from the Node server”.
@Suite("Snippets: events", .timeLimit(.minutes(1)))
struct EventSnippets {
    @Test func events() async throws {
        // snippet.typed
        struct Order: Codable, Sendable {
            var symbol: String
            var amount: Int
        }
        var definition = NamespaceDefinition()
        definition.on("order", as: Order.self) { socket, order, ack in
            ack?.send(json: "\"accepted\"")
            try? socket.broadcast.emit("order", order)
        }
        // snippet.binary
        definition.on("picture") { socket, arguments, _ in
            guard let name = arguments.string(0), let bytes = arguments.binary(1) else { return }
            let json = ByteBuffer(string: #"{"name":"\#(name)","bytes":{"_placeholder":true,"num":0}}"#)
            socket.broadcast.emit(OutgoingEvent("picture", json: json, attachments: [bytes]))
        }
        // snippet.end
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        let (alice, bob) = (try await memory.connect(), try await memory.connect())
        #expect(try await alice.emitWithAck("order", json: #"{"symbol":"BTC","amount":2}"#).string(0) == "accepted")
        #expect(try await bob.next().arguments.object(0)?.string("symbol") == "BTC")
        // Without its bytes it is no picture.
        try await alice.emit("picture", json: "\"cat\"")
        #expect(try await alice.emitWithAck("order", json: #"{"symbol":"ETH","amount":1}"#).string(0) == "accepted")
        #expect(try await bob.next().name == "order")
        try await memory.shutdown()
    }
}
