import EngineIOCore
import NIOCore
import NIOHTTP1

/// Plain WebSockets that get back what they send, without Engine.IO: what the Autobahn test suite measures
/// (``EngineConfiguration/echoesWebSockets``). Handlers, assembler, frames and writes are those of every session.
extension HTTPRequestHandler {
    func openEcho(_ exchange: HTTPExchange) {
        guard WebSocketUpgrade.isRequested(exchange.head.headers), let context,
            let response = WebSocketUpgrade.response(to: exchange.head.headers)
        else { return refuse(.badRequest, isUpgrade: true) }
        setTimer(nil)
        state = .upgraded
        server.upgrader.upgrade(context, on: loop, response: response) { $0.isEcho = true }
    }
}

extension WebSocketTransport {
    /// Sends a message back; `false` where the action is not about one.
    func echo(_ action: MessageAssembler.Action) -> Bool {
        switch action {
        case .text(let text):
            _ = write(OutboundFrame(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) }.webSocket)
        case .binary(let binary):
            _ = write(OutboundFrame(binary: binary).webSocket)
        case .pong, .peerClosed, .fail, .nothing:
            return false
        }
        return true
    }
}
