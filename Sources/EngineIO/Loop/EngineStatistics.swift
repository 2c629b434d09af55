public import EngineIOCore

/// What one event loop has counted; loops keep their own and are added up when somebody asks.
public struct EngineStatistics: Sendable {
    /// Sessions that are polling now.
    public var openPolling = 0
    /// Sessions that use WebSocket now.
    public var openWebSocket = 0
    /// Sessions opened since the start.
    public var opened = 0
    /// Those of them that speak protocol 3.
    public var openedProtocol3 = 0
    /// Sessions closed since the start.
    public var closed: [CloseReason: Int] = [:]
    /// Sessions that moved from polling to WebSocket.
    public var upgrades = 0
    /// Refused requests by their error.
    public var refused: [EngineRequestError: Int] = [:]
    /// New sessions answered 503 because the server was draining.
    public var refusedDraining = 0
    /// WebSocket messages and polling packets received.
    public var messagesReceived = 0
    /// Their payload bytes.
    public var bytesReceived = 0
    /// Frames handed to connections.
    public var framesSent = 0
    /// Bytes that the kernel or the channel took.
    public var bytesSent = 0
    /// Writes to a socket.
    public var writes = 0
    /// Those of them that the kernel did not take whole.
    public var shortWrites = 0
    /// Times that a loop has looked for work in place of sleeping (``EngineConfiguration/busyPolling``).
    public var busyPolls = 0
    /// Messages compressed for WebSockets: once for each window, whatever the number of receivers.
    public var compressions = 0
    /// WebSockets closed because the client broke a rule or a limit, by the code of the close frame (1002, 1007, 1009).
    public var webSocketFailures: [UInt16: Int] = [:]
    /// Connections of proxies closed because they did not begin with a sound header of the PROXY protocol.
    public var refusedProxyHeaders = 0
    /// HTTP connections open now.
    public var openHTTP = 0
    /// HTTP connections closed because their request did not come whole, or their answers were not read, in time.
    public var httpTimeouts = 0
    /// HTTP requests answered 413, for a body over `maxPayload` or over the fallback's bound.
    public var oversizedRequests = 0
    /// Bytes waiting in outbound queues now.
    public var queuedBytes = 0
    /// Latest values that a newer one replaced before a slow client could take them.
    public var conflated = 0

    /// Nothing counted yet.
    public init() {}

    /// Adds the figures of another loop.
    public mutating func add(_ other: Self) {
        openPolling += other.openPolling
        openWebSocket += other.openWebSocket
        opened += other.opened
        openedProtocol3 += other.openedProtocol3
        closed.merge(other.closed, uniquingKeysWith: +)
        upgrades += other.upgrades
        refused.merge(other.refused, uniquingKeysWith: +)
        refusedDraining += other.refusedDraining
        messagesReceived += other.messagesReceived
        bytesReceived += other.bytesReceived
        framesSent += other.framesSent
        bytesSent += other.bytesSent
        writes += other.writes
        shortWrites += other.shortWrites
        busyPolls += other.busyPolls
        compressions += other.compressions
        webSocketFailures.merge(other.webSocketFailures, uniquingKeysWith: +)
        refusedProxyHeaders += other.refusedProxyHeaders
        openHTTP += other.openHTTP
        httpTimeouts += other.httpTimeouts
        oversizedRequests += other.oversizedRequests
        queuedBytes += other.queuedBytes
        conflated += other.conflated
    }
}
