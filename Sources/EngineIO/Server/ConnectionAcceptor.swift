import NIOCore

/// Sets up accepted connections at once.
///
/// The handler that `ServerBootstrap` has for that makes a dozen futures for each connection, because a channel may be set up over time. This
/// one stands before it and hands the connections on behind it, where SwiftNIO registers them, which it does in a task of their loop: on
/// another loop the connection is set up in a task before that one.
final class ConnectionAcceptor: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// The end of the listener's pipeline.
    private final class End: ChannelInboundHandler {
        typealias InboundIn = any Channel

        private(set) var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }
        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    }

    private let end = End()
    private let setUp: @Sendable (any Channel) throws -> Void

    private init(_ setUp: @escaping @Sendable (any Channel) throws -> Void) {
        self.setUp = setUp
    }

    /// Has the connections of a bound listener set up by `setUp`, on the loop of each. Those that came before were set up by the bootstrap.
    static func attach(to listener: any Channel, _ setUp: @escaping @Sendable (any Channel) throws -> Void) async throws {
        try await listener.eventLoop.submit {
            let acceptor = ConnectionAcceptor(setUp)
            try listener.pipeline.syncOperations.addHandler(acceptor.end, position: .last)
            try listener.pipeline.syncOperations.addHandler(acceptor, position: .first)
        }.get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let end = end.context else { return context.fireChannelRead(data) }
        let connection = unwrapInboundIn(data)
        if connection.eventLoop === context.eventLoop {
            do { try setUp(connection) } catch { return connection.close(promise: nil) }
        } else {
            connection.eventLoop.execute { [setUp] in
                do { try setUp(connection) } catch { connection.close(promise: nil) }
            }
        }
        end.fireChannelRead(data)
    }
}
