import EngineIOCore
import NIOCore

/// What comes over WebSockets: the session's own, and one that is being probed.
extension EngineConnection {
    /// A WebSocket with this session's id was opened, by a request with this query. `false`: close it.
    func webSocketAttached(_ transport: WebSocketTransport, query: EngineQuery) -> Bool {
        eventLoop.assertInEventLoop()
        guard machine.webSocketAttached() == .awaitProbe else { return false }
        probe = transport
        probeEncoding = PacketEncoding(revision, transport: .websocket, query: query)
        transport.startProbeTimer()
        return true
    }

    func webSocket(_ transport: WebSocketTransport, received packet: EnginePacket) {
        eventLoop.assertInEventLoop()
        if transport === webSocket { return receive(packet) }
        guard transport === probe else { return }
        let action: TransportStateMachine.ProbeAction
        switch packet {
        case .ping(let payload) where payload.readableBytesView.elementsEqual("probe".utf8): action = machine.probeReceived()
        case .upgrade: action = machine.upgradeReceived()
        default: action = .refuse
        }
        switch action {
        case .confirm(let releasesPoll):
            _ = transport.write(OutboundFrame(text: "3probe").webSocket)
            if releasesPoll { releasePoll() }
        case .switchOver(let releasesPoll):
            if releasesPoll { releasePoll() }
            switchOver(to: transport)
        case .finish: finish(over: transport)
        case .refuse:
            // The session is free for another attempt at once, however long this WebSocket takes to close.
            webSocketClosed(transport, reason: .transportError)
            transport.close(code: nil)
        }
    }

    func closeProbe() {
        probe?.close(code: nil)
        probe = nil
    }

    private func switchOver(to transport: WebSocketTransport) {
        probe = nil
        webSocket = transport
        if let probeEncoding { encoding = probeEncoding }
        transport.stopTimer()
        loop.statistics.upgrades += 1
        loop.statistics.openPolling -= 1
        loop.statistics.openWebSocket += 1
        if queue != nil { webSocketDrained(transport) }
        // What the kernel has refused of it must not wait for ever.
        if queue != nil { scheduleTimer() }
    }

    /// What the session's WebSocket gets of queued frames.
    func webSocketBytes(_ frames: [OutboundFrame], to transport: WebSocketTransport) -> ByteBuffer {
        var bytes = ByteBuffer()
        for frame in frames { bytes.writeImmutableBuffer(transport.bytes(of: webSocketForm(of: frame))) }
        return bytes
    }

    /// For most clients the frame itself.
    func webSocketForm(of frame: OutboundFrame) -> OutboundFrame {
        takesFramesAsTheyAre ? frame : encoding.webSocketForm(of: frame)
    }

    /// A WebSocket of this session is gone, or broke the rules of RFC 6455.
    func webSocketClosed(_ transport: WebSocketTransport, reason: CloseReason) {
        eventLoop.assertInEventLoop()
        if transport === probe {
            probe = nil
            machine.probeEnded()
        } else if transport === webSocket {
            webSocket = nil
            close(reason)
        }
    }
}
