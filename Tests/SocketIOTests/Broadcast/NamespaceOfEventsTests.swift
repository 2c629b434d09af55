import EngineIO
import NIOCore
import SocketIOClient
import SocketIOCore
import Testing

@testable import SocketIO

/// An event reaches the namespace that it is sent in, whichever it was made for.
@Suite("Namespace of an event", .timeLimit(.minutes(1)))
struct NamespaceOfEventsTests {
    private struct Value: ConflatableMessage {
        let number: Int
        var key: ConflationKey { ConflationKey(group: "values") }
        var byteCount: Int { 20 }
        func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage { self }
        func makeFrame() -> OutboundFrame { event.frame }
        var event: OutgoingEvent { OutgoingEvent("value", capacity: 8, conflation: self) { $0.writeString("\(number)") } }
    }

    @Test(arguments: [false, true])
    func itIsTheOneItIsSentIn(_ recovers: Bool) async throws {
        try await TestServer.run(namespaces: ["/", "/chat"]) { configuration in
            if recovers { configuration.recovery = RecoveryConfiguration() }
        } _: { namespace, _ in
            namespace.onConnect { socket in
                socket.join("room")
                socket.emit(OutgoingEvent("a", json: "1"))
                socket.emitVolatile(OutgoingEvent("b", json: "2"))
            }
        } _: { server in
            let client = try await server.connect(namespace: "/chat")
            let main = try await server.connect()
            for name in ["a", "b"] {
                #expect(try await client.event(nil, within: .seconds(30)).name == name)
                #expect(try await main.event(nil, within: .seconds(30)).name == name)
            }
            let chat = server.server.of("/chat")
            chat.emit(OutgoingEvent("c", json: "3"))
            chat.to("room").compress(false).emit(OutgoingEvent("d", json: "4"))
            for name in ["c", "d"] { #expect(try await client.event(nil, within: .seconds(30)).name == name) }
            for loop in server.server.loops("/chat") {
                try await loop.eventLoop.submit {
                    loop.emit(OutgoingEvent("e", json: "5"), to: "room")
                    loop.emit(OutgoingEvent("f", json: "6"), to: "room", or: "other")
                    loop.emitToAll(Value(number: 7).event)
                    let bytes = [ByteBuffer(bytes: [1, 2, 3])]
                    let event = OutgoingEvent("g", json: ByteBuffer(string: #"{"_placeholder":true,"num":0}"#), attachments: bytes)
                    loop.emit(event, options: BroadcastOptions())
                }.get()
            }
            for name in ["e", "f", "value", "g"] { #expect(try await client.event(nil, within: .seconds(30)).name == name) }
            // Made for that namespace already, and made for another one than the main.
            chat.emit(OutgoingEvent("h", json: "9", namespace: "/chat"))
            server.server.of("/").emit(OutgoingEvent("i", json: "10", namespace: "/chat"))
            #expect(try await client.event(nil, within: .seconds(30)).name == "h")
            #expect(try await main.event(nil, within: .seconds(30)).name == "i")
            await client.disconnect()
            await main.disconnect()
        }
    }

    @Test func aLatestValueKeepsTheNamespaceWhereItGivesWay() {
        let first = Value(number: 1).event.addressed(to: "/chat")
        let second = Value(number: 2).event.addressed(to: "/chat")
        #expect(String(buffer: first.frame.textPacket) == "42/chat,[\"value\",1]")
        let merged = first.frame.conflation.flatMap { second.frame.conflation?.replacing($0) }
        #expect(merged?.key == ConflationKey(group: "values"))
        #expect(merged.map { String(buffer: $0.makeFrame().textPacket) } == "42/chat,[\"value\",2]")
    }
}
