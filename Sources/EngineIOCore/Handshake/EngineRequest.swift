/// The means by which packets travel.
public enum TransportKind: String, Hashable, Sendable, CaseIterable {
    /// HTTP long-polling.
    case polling
    /// WebSocket (RFC 6455).
    case websocket
}

/// What the query of a request to the Engine.IO path asks for, checked in the order of the reference server's `verify`.
public enum EngineRequest: Hashable, Sendable {
    /// A new session over the transport.
    case open(TransportKind)
    /// The next poll of a session.
    case poll(SessionID)
    /// Packets of a session.
    case post(SessionID)
    /// A WebSocket for a session that began with polling.
    case upgrade(SessionID)
    /// A method that a session does not know.
    case unknownMethod(SessionID)

    /// Reads `method` and `query` of a request.
    ///
    /// - Parameters:
    ///   - method: The HTTP method, in capitals.
    ///   - query: The query without its question mark.
    ///   - isWebSocketUpgrade: Whether the headers ask for `Upgrade: websocket`.
    ///   - transports: Those that the server offers.
    ///   - allowsRevision3: Whether sessions of ``EngineRevision/three`` may be opened.
    public init(
        method: String,
        query: EngineQuery,
        isWebSocketUpgrade: Bool,
        transports: Set<TransportKind>,
        allowsRevision3: Bool = false
    ) throws(EngineRequestError) {
        guard let transport = query["transport"].flatMap(TransportKind.init(rawValue:)), transports.contains(transport) else {
            throw .unknownTransport
        }
        // An empty one is none, as for the reference.
        if let text = query["sid"], !text.isEmpty {
            guard let sid = SessionID(text) else { throw .unknownSession }
            guard isWebSocketUpgrade == (transport == .websocket) else { throw .badRequest }
            switch (transport, method) {
            // RFC 6455, section 4.1: the method must be GET.
            case (.websocket, "GET"): self = .upgrade(sid)
            case (.websocket, _): throw .badRequest
            case (.polling, "GET"): self = .poll(sid)
            case (.polling, "POST"): self = .post(sid)
            case (.polling, _): self = .unknownMethod(sid)
            }
            return
        }
        guard method == "GET" else { throw .badHandshakeMethod }
        guard isWebSocketUpgrade == (transport == .websocket) else { throw .badRequest }
        guard allowsRevision3 || EngineRevision(query) == .four else { throw .unsupportedProtocolVersion }
        self = .open(transport)
    }
}
