import EngineIOCore
import NIOCore

/// How packets travel. All methods are called on the connection's event loop.
protocol ClientTransport: AnyObject {
    /// Sends packets in order; `promise` is done when the kernel, or while polling the server, has them.
    func send(_ messages: [EngineMessage], promise: EventLoopPromise<Void>?)
    /// Ends the connection in an orderly way, after what was sent before.
    func close()
    /// Ends the connection at once.
    func abort()
}

/// What a transport tells. All methods are called on the connection's event loop.
protocol ClientTransportDelegate: AnyObject, Sendable {
    /// The transport is ready to send.
    func transportOpened(_ transport: any ClientTransport)
    /// A packet came.
    func transport(_ transport: any ClientTransport, received packet: EnginePacket)
    /// The transport has ended; called once, last.
    func transportClosed(_ transport: any ClientTransport, reason: SocketIOCloseReason)
}
