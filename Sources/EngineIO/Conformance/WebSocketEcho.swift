import EngineIOCore
import NIOCore
import NIOHTTP1

/// Plain WebSockets that get back what they send, without Engine.IO: what the Autobahn test suite measures
/// (``EngineConfiguration/echoesWebSockets``). Handlers, assembler, frames and writes are those of every session.
extension HTTPRequestHandler {
    func openEcho(_ exchange: HTTPExchange) {
        guard WebSocketUpgrade.isRequested(exchange.head.headers), let context,
            let acceptance = WebSocketAcceptance(exchange.head.headers, deflate: loop.configuration.perMessageDeflate)
        else { return refuse(.badRequest, isUpgrade: true) }
        setTimer(nil)
        state = .upgraded
        server.upgrader.upgrade(context, on: loop, acceptance) { $0.isEcho = true }
    }
}

extension WebSocketTransport {
    /// Sends a message back; `false` where the action is not about one.
    func echo(_ action: MessageAssembler.Action) -> Bool {
        switch action {
        case .text(let text):
            _ = write(bytes(of: OutboundFrame(capacity: text.readableBytes) { $0.writeImmutableBuffer(text) }))
        case .binary(let binary):
            _ = write(bytes(of: OutboundFrame(binary: binary)))
        case .pong, .peerClosed, .fail, .nothing:
            return false
        }
        return true
    }
}
