import EngineIO
import EngineIOCore
import JSONScan
import Logging
import NIOCore
import NIOPosix
import SocketIOCore

/// A real Engine.IO server with the smallest application that speaks Socket.IO: what the client's tests connect to.
struct EchoServer {
    let engine: EngineServer
    let listener: EngineListener

    var port: Int { listener.address?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var socketURL: String { "ws://127.0.0.1:\(port)/socket.io/?EIO=4&transport=websocket" }

    /// Runs `body` with a server that is shut down afterwards.
    static func run(
        _ configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EchoServer) async throws -> Void
    ) async throws {
        var configuration = EngineConfiguration()
        configure(&configuration)
        let engine = EngineServer(
            group: MultiThreadedEventLoopGroup.singleton,
            configuration: configuration,
            application: EchoApplication(),
            logger: Logger(label: "test")
        )
        let server = EchoServer(engine: engine, listener: try await engine.start(host: "127.0.0.1", port: 0))
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await server.listener.close()
        await engine.shutdown()
        try result.get()
    }
}

private struct EchoApplication: EngineApplication {
    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate { EchoSocket() }
}

/// Echoes every event with its arguments and acknowledges it with them; some names make it do other things.
private final class EchoSocket: EngineConnectionDelegate {
    private var assembler = PacketAssembler()

    func connectionOpened(_ connection: EngineConnection) {}
    func connectionDeadlineReached(_ connection: EngineConnection) {}
    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {}

    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {
        deliver({ try assembler.received(text: text) }, connection)
    }

    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {
        deliver({ try assembler.received(binary: binary) }, connection)
    }

    private func deliver(_ read: () throws -> SocketMessage?, _ connection: EngineConnection) {
        do {
            if let message = try read() { handle(message, connection) }
        } catch {
            connection.close(.parseError)
        }
    }

    private func handle(_ message: SocketMessage, _ connection: EngineConnection) {
        switch message {
        case .connect(let namespace, let auth): connect(namespace, token: auth?.string("token"), connection)
        case .event(let namespace, let name, let arguments, let ackID):
            received(name, arguments, ackID, namespace, connection)
        case .ack(let namespace, let id, let arguments):
            let answer = ByteBuffer(string: "\(id),\(String(buffer: arguments.array))")
            send("acknowledged", answer, [], namespace, connection)
        case .disconnect, .connectError, .ignored: break
        }
    }

    private func connect(_ namespace: String, token: String?, _ connection: EngineConnection) {
        if token == "silence" { return }
        let isRefused = token == "bad"
        let json =
            isRefused
            ? #"{"message":"401 bad token","data":{"code":"AUTH_FAILED"}}"#
            : #"{"sid":"socket-1","pid":"private-1"}"#
        let kind: SocketPacket.Kind = isRefused ? .connectError : .connect
        connection.send(
            OutboundFrame(capacity: 64) {
                SocketPacket(kind: kind, namespace: namespace, json: ByteBuffer(string: json)).write(into: &$0)
            }
        )
    }

    private func received(
        _ name: String,
        _ arguments: EventArguments,
        _ ackID: UInt64?,
        _ namespace: String,
        _ connection: EngineConnection
    ) {
        switch name {
        case "kick":
            connection.send(
                OutboundFrame(capacity: 32) { SocketPacket(kind: .disconnect, namespace: namespace).write(into: &$0) }
            )
        case "hang up": connection.close(.forcedClose)
        case "ignore": break
        case "garbage": connection.send(OutboundFrame(text: "42{"))
        case "ask":
            connection.send(
                OutboundFrame(capacity: 32) {
                    SocketPacket.writeEvent("question", arguments: ByteBuffer(), namespace: namespace, ackID: 7, into: &$0)
                }
            )
        case "flood":
            for number in 0..<(arguments.json(0).flatMap { Int(String(buffer: $0)) } ?? 0) {
                send("drop", ByteBuffer(string: String(number)), [], namespace, connection)
            }
        default:
            send(name, arguments.joined, arguments.attachments, namespace, connection)
            guard let ackID else { return }
            connection.send(
                OutboundFrame(capacity: 64, binaries: arguments.attachments) {
                    SocketPacket.writeAck(
                        ackID,
                        arguments: arguments.joined,
                        namespace: namespace,
                        attachmentCount: arguments.attachments.count,
                        into: &$0
                    )
                }
            )
        }
    }

    private func send(
        _ name: String,
        _ arguments: ByteBuffer,
        _ attachments: [ByteBuffer],
        _ namespace: String,
        _ connection: EngineConnection
    ) {
        connection.send(
            OutboundFrame(capacity: 64 + arguments.readableBytes, binaries: attachments) {
                SocketPacket.writeEvent(
                    name,
                    arguments: arguments,
                    namespace: namespace,
                    attachmentCount: attachments.count,
                    into: &$0
                )
            }
        )
    }
}
