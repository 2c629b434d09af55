// A chat room: what one client sends, all others get. Serves http://127.0.0.1:3000 to any stock Socket.IO client.
import Logging
import NIOPosix
import SocketIO
import SocketIOCore

var chat = NamespaceDefinition()
chat.on("message") { socket, arguments, ack in
    guard let message = arguments.json(0) else { return }
    socket.broadcast.emit(OutgoingEvent("message", json: message))
    ack?.send(json: "true")
}
let server = SocketIOServer(group: MultiThreadedEventLoopGroup.singleton, namespaces: ["/": chat], logger: Logger(label: "chat"))
let listener = try await server.start(host: "127.0.0.1", port: 3000)
try await Task.sleep(for: .seconds(3600))
