import EngineIOCore
import NIOCore
import NIOHTTP1

/// Requests to the Engine.IO path: checked, then brought to their session.
extension HTTPRequestHandler {
    func engine(_ exchange: HTTPExchange) {
        let head = exchange.head
        if head.method == .OPTIONS {
            let headers = loop.configuration.cors.preflight(
                origin: head.headers.first(name: "origin"),
                requestedHeaders: head.headers.first(name: "access-control-request-headers")
            )
            return answer(loop.configuration.cors.preflightStatus, headers: headers, body: ByteBuffer(), keepAlive: head.isKeepAlive)
        }
        if loop.configuration.echoesWebSockets { return openEcho(exchange) }
        let isUpgrade = WebSocketUpgrade.isRequested(head.headers)
        let query = EngineQuery(exchange.query)
        do {
            switch try loop.configuration.request(head, query: query) {
            case .open where loop.isDraining: refuseDraining(exchange)
            case .open(let transport): try admit(exchange, query: query, transport)
            case .upgrade(let sid): try upgrade(exchange, query: query, to: sid)
            case .poll(let sid): dispatch(exchange, to: sid) { $0.pollReceived($1) }
            case .post(let sid): post(exchange, to: sid)
            case .unknownMethod(let sid): dispatch(exchange, to: sid) { $1.answer(.empty(.internalServerError)) }
            }
        } catch {
            refuse(error, isUpgrade: isUpgrade)
        }
    }

    func handshake(_ exchange: HTTPExchange, query: EngineQuery) -> EngineHandshake {
        EngineHandshake(headers: exchange.head.headers, query: query, remoteAddress: remoteAddress, isSecure: isSecure)
    }

    func openPolling(_ exchange: HTTPExchange, query: EngineQuery) {
        let connection = EngineConnection(loop: loop, transport: .polling, handshake: handshake(exchange, query: query))
        let responder = makeResponder(session: connection, isHandshake: true)
        connection.open(webSocket: nil)
        connection.pollReceived(responder)
    }

    /// Asks whether a large body is for a session that exists; if not, the request is refused before the rest of it comes.
    func vouch(for exchange: HTTPExchange) {
        let sid: SessionID
        do {
            guard case .post(let id) = try loop.configuration.request(exchange.head, query: EngineQuery(exchange.query)) else {
                return refuseBody(.badRequest, of: exchange)
            }
            sid = id
        } catch {
            return refuseBody(error, of: exchange)
        }
        guard let target = server.loop(sid.loopIndex) else { return refuseBody(.unknownSession, of: exchange) }
        if target === loop {
            if target.session(sid) == nil { refuseBody(.unknownSession, of: exchange) }
            return
        }
        let handler = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let home = loop.eventLoop
        target.eventLoop.execute {
            guard target.session(sid) == nil else { return }
            home.execute { handler.value.refuseBody(.unknownSession, of: exchange) }
        }
    }

    private func post(_ exchange: HTTPExchange, to sid: SessionID) {
        let isBinary = exchange.head.headers.first(name: "content-type") == "application/octet-stream"
        let body = exchange.body
        dispatch(exchange, to: sid) { $0.postReceived(body, isBinary: isBinary, $1) }
    }

    /// Brings a polling request to the loop of its session.
    private func dispatch(
        _ exchange: HTTPExchange,
        to sid: SessionID,
        _ action: @escaping @Sendable (EngineConnection, PollResponder) -> Void
    ) {
        let responder = makeResponder(session: nil)
        guard let target = server.loop(sid.loopIndex) else { return responder.answer(.error(.unknownSession)) }
        if target === loop {
            guard let session = target.session(sid) else { return responder.answer(.error(.unknownSession)) }
            setSession(session, of: responder)
            return action(session, responder)
        }
        let handler = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let home = loop.eventLoop
        target.eventLoop.execute {
            guard let session = target.session(sid) else { return responder.answer(.error(.unknownSession)) }
            home.execute { handler.value.setSession(session, of: responder) }
            action(session, responder)
        }
    }

    func makeResponder(session: EngineConnection?, isHandshake: Bool = false) -> PollResponder {
        let responder = PollResponder(handler: self, eventLoop: loop.eventLoop)
        if case .answering(var exchange) = state {
            state = .idle
            exchange.responder = responder
            exchange.session = session
            exchange.isHandshake = isHandshake
            state = .answering(exchange)
        }
        return responder
    }

    private func setSession(_ session: EngineConnection, of responder: PollResponder) {
        guard case .answering(var exchange) = state, exchange.responder === responder else {
            // The connection has ended while its request was on the way to the session's loop.
            return session.eventLoop.execute { session.pollAbandoned(responder) }
        }
        exchange.session = session
        state = .answering(exchange)
    }

    func upgrade(_ exchange: HTTPExchange, query: EngineQuery, to sid: SessionID?) throws(EngineRequestError) {
        let acceptance = try loop.configuration.acceptance(of: exchange.head, isHandshake: sid == nil)
        guard let context else { return }
        setTimer(nil)
        guard let sid else {
            state = .upgraded
            let connection = EngineConnection(loop: loop, transport: .websocket, handshake: handshake(exchange, query: query))
            return server.upgrader.upgrade(context, on: loop, acceptance, isSecure: isSecure) { connection.open(webSocket: $0) }
        }
        guard loop.configuration.allowUpgrades else { throw .badRequest }
        guard let target = server.loop(sid.loopIndex) else { throw .unknownSession }
        if target === loop {
            guard target.session(sid) != nil else { throw .unknownSession }
            return attach(to: sid, on: target, query: query, acceptance)
        }
        // Ask the other loop first: once the connection has moved there is no HTTP answer any more.
        let handler = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let home = loop.eventLoop
        target.eventLoop.execute {
            let isKnown = target.session(sid) != nil
            home.execute {
                if isKnown {
                    handler.value.attach(to: sid, on: target, query: query, acceptance)
                } else {
                    handler.value.refuse(.unknownSession, isUpgrade: true)
                }
            }
        }
    }

    private func attach(to sid: SessionID, on target: EngineLoop, query: EngineQuery, _ acceptance: WebSocketAcceptance) {
        guard let context, case .answering = state else { return }
        state = .upgraded
        server.upgrader.upgrade(context, on: target, acceptance, isSecure: isSecure) { transport in
            guard let session = target.session(sid), session.webSocketAttached(transport, query: query) else {
                return transport.close(code: nil)
            }
            transport.connection = session
        }
    }

    func refuse(_ error: EngineRequestError, message: String? = nil, isUpgrade: Bool) {
        guard case .answering(let exchange) = state else { return }
        if isUpgrade {
            loop.statistics.refused[error, default: 0] += 1
            // The reference server's answer to a refused upgrade: always 400, the message as the body.
            let headers: HTTPHeaders = ["content-type": "text/html"]
            answer(.badRequest, headers: headers, body: ByteBuffer(string: message ?? error.message), keepAlive: false)
        } else {
            let responder = exchange.responder ?? makeResponder(session: nil)
            responder.answer(.error(error, message: message))
        }
    }
}
