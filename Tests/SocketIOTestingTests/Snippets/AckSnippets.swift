import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

/// The code of the article “Acks”.
@Suite("Snippets: acks", .timeLimit(.minutes(1)))
struct AckSnippets {
    @Test func acks() async throws {
        var definition = NamespaceDefinition()
        // snippet.answer
        definition.on("sum", as: [Int].self) { _, numbers, ack in
            ack?.send(json: "\(numbers.reduce(0, +))")
        }
        // snippet.ask
        definition.on("ask me") { socket, _, _ in
            Task {
                do {
                    let answer = try await socket.emitWithAck("question", json: ByteBuffer(string: "\"ready?\""), timeout: .seconds(10))
                    try socket.emit("thanks", ["for": answer.string(0) ?? "nothing"])
                } catch AckError.timedOut {
                    socket.emit("never mind", json: "")
                } catch AckError.disconnected {
                    // Whom to tell is gone.
                }
            }
        }
        // snippet.end
        let memory = try await InMemoryServer(namespaces: ["/": definition])
        let server = memory.server
        let client = try await memory.connect()
        #expect(try await client.emitWithAck("sum", json: "[1,2,3]").json(0) == ByteBuffer(string: "6"))
        try await client.emit("ask me")
        try await client.ack(try await client.next("question"), json: "\"yes\"")
        #expect(try await client.next().json == #"{"for":"yes"}"#)
        try await client.emit("ask me")
        _ = try await client.next("question")
        await memory.advanceTime(by: .seconds(11))
        #expect(try await client.next().name == "never mind")
        async let votes = {
            // snippet.everyone
            let answers = await server.of("/").emitWithAck("vote", json: ByteBuffer(string: "\"tea or coffee?\""), timeout: .seconds(5))
            let votes = answers.compactMap { $0.string(0) }
            // snippet.end
            return votes
        }()
        try await client.ack(try await client.next("vote"), json: "\"tea\"")
        #expect(await votes == ["tea"])
        try await memory.shutdown()
    }
}
