import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import Synchronization

/// A server of ours that does what its clients order, with the same orders as the servers of `Tests/EndToEnd/peers/node_cluster_peer.js`.
final class OrderedServer: Sendable {
    private let server = Mutex<SocketIOServer?>(nil)

    func begin(_ server: SocketIOServer) { self.server.withLock { $0 = server } }

    private func of(_ namespace: String) -> BroadcastOperator? { server.withLock { $0 }?.of(namespace) }

    func define(_ namespace: inout NamespaceDefinition, _ index: Int) {
        namespace.use { $0.data = $0.auth?.string("name") }
        namespace.onDescribe { "{\"name\":\(JSONString.literal($0.data as? String ?? ""))}" }
        namespace.on("join") { socket, arguments, ack in ack?.send(json: "\(arguments.string(0).map { socket.join($0) } ?? false)") }
        namespace.on("do") { [self] socket, arguments, ack in
            guard let object = arguments.object(0), let servers = of(socket.namespace) else { return }
            let order = Order(object: object, attachments: arguments.attachments, namespace: socket.namespace)
            Task {
                if order.object.string("do") == "question" {
                    await self.ask(order, servers, ack)
                } else {
                    ack?.send(json: try await self.carryOut(order, servers) ?? "null")
                }
            }
        }
        // Of `/`: the handlers are not told which namespace they are for.
        namespace.onServerSide("tell") { [self] arguments, _ in of("/")?.local.emit(OutgoingEvent("told", json: arguments.joined)) }
        namespace.onServerSide("ask") { arguments, ack in
            ack?.send(json: String(buffer: ClusterEvent("answer", arguments: arguments.joined).array))
        }
    }

    private func carryOut(_ order: Order, _ servers: BroadcastOperator) async throws -> String? {
        let chosen = order.chosen(servers)
        switch order.object.string("do") {
        case "count": return "\(try await servers.serverCount())"
        case "emit": chosen.emit(order.event)
        case "volatile": chosen.volatile.emit(order.event)
        case "local": chosen.local.emit(order.event)
        case "uncompressed": chosen.compress(false).emit(order.event)
        case "fetch": return Self.list(try await chosen.fetchSockets().map(describe).sorted())
        case "join": for name in order.strings("names") { chosen.socketsJoin(name) }
        case "flood":
            for number in 0..<(order.object.integer("count") ?? 0) {
                (number % 2 == 0 ? servers : servers.to("r")).emit("n", json: "\(number)")
            }
        case "leave": for name in order.strings("names") { chosen.socketsLeave(name) }
        case "disconnect": chosen.disconnectSockets(close: order.object.bool("close") ?? false)
        case "tell": servers.serverSideEmit("tell", json: String(buffer: order.arguments))
        case "ask":
            let answers = try await servers.serverSideEmitWithAck("ask", json: String(buffer: order.arguments))
            return Self.list(answers.map { String(buffer: $0) })
        case "close":
            let server = server.withLock { $0 }
            Task { await server?.shutdown() }
        case let other: throw NotMet(what: "an order that is known, not \(other ?? "none")")
        }
        return nil
    }

    /// Asks clients, and tells what they answered, bytes and all.
    private func ask(_ order: Order, _ servers: BroadcastOperator, _ ack: Ack?) async {
        let timeout = Duration.milliseconds(order.object.integer("timeout") ?? 0)
        let answers = await order.chosen(servers).emitWithAck(order.name, json: order.arguments, timeout: timeout)
        var (texts, attachments): ([String], [ByteBuffer]) = ([], [])
        for answer in answers {
            var text = answer.json(0).map { String(buffer: $0) } ?? "null"
            for number in answer.attachments.indices.reversed() {
                text = text.replacing("\"num\":\(number)}", with: "\"num\":\(number + attachments.count)}")
            }
            texts.append(text)
            attachments += answer.attachments
        }
        ack?.send(json: ByteBuffer(string: Self.list(texts)), attachments: attachments)
    }

    private func describe(_ socket: SocketDescription) -> String {
        let name = socket.data as? String ?? socket.json.flatMap { try? JSONObject(Array($0.readableBytesView)).string("name") }
        // A socket's own room, which Node's has, as "".
        let rooms = socket.rooms.union([socket.id]).map { $0 == socket.id ? "" : $0 }.sorted {
            $0.utf16.lexicographicallyPrecedes($1.utf16)
        }
        return "[\(JSONString.literal(name ?? "")),\(Self.list(rooms.map { JSONString.literal($0) }))]"
    }

    private static func list(_ parts: [String]) -> String { "[\(parts.joined(separator: ","))]" }
}

private struct Order {
    let object: JSONObject
    let attachments: [ByteBuffer]
    let namespace: String

    var name: String { object.string("name") ?? "" }
    /// The elements of `args`, joined by commas.
    var arguments: ByteBuffer { ByteBuffer(bytes: (object.raw("args") ?? []).dropFirst().dropLast()) }
    var event: OutgoingEvent { OutgoingEvent(name, json: arguments, attachments: attachments, namespace: namespace) }

    func chosen(_ servers: BroadcastOperator) -> BroadcastOperator { servers.to(strings("rooms")).except(strings("except")) }

    func strings(_ key: String) -> [String] { object.strings(key) ?? [] }
}
