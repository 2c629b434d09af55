import EngineIOCore
import NIOCore

/// What packets do, whichever transport they came over.
extension EngineConnection {
    func receive(_ packet: EnginePacket) {
        loop.statistics.messagesReceived += 1
        switch packet {
        case .text(let text):
            loop.statistics.bytesReceived += text.readableBytes
            delegate?.connection(self, receivedText: text)
        case .binary(let binary):
            loop.statistics.bytesReceived += binary.readableBytes
            delegate?.connection(self, receivedBinary: binary)
        case .pong where revision == .four:
            if heartbeat.pongReceived(interval: loop.configuration.pingInterval, now: loop.now) {
                delegate?.connectionPingAnswered(self)
            }
            // The timer stands at the end of the time-out; it needs to be moved only where the next ping comes before that.
            if loop.configuration.pingInterval < loop.configuration.pingTimeout { scheduleTimer() }
        case .close:
            close(.transportClose)
        case .ping(let payload) where revision == .three:
            heartbeat.pingReceived(limit: loop.configuration.silenceLimit, now: loop.now)
            send(OutboundFrame(pong: payload))
        case .ping, .pong:
            // The server pings in protocol 4, where a client's ping is only valid as a probe; the client does in protocol 3.
            close(.parseError)
        case .open, .upgrade, .noop:
            break
        }
    }
}
