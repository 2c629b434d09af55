import NIOCore
import NIOPosix
import RESP

/// A server that answers as a test says: for what a real one does only in a moment that cannot be waited for.
enum ScriptedServer {
    /// What a server says while it reads its files.
    static let loading = "-LOADING Redis is loading the dataset in memory\r\n"

    /// Runs a test with the server's URL. `answer` gets a command with its arguments, and the server's port, and says what goes out:
    /// `nil` closes the connection.
    static func run(
        answer: @escaping @Sendable (_ command: [String], _ port: Int) -> String?,
        _ body: (_ url: String) async throws -> Void
    ) async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(answer)) }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        do { try await body("redis://127.0.0.1:\(channel.localAddress?.port ?? 0)") } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable ([String], Int) -> String?
        private var input = RESPInput()

        init(_ answer: @escaping @Sendable ([String], Int) -> String?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            input.received(unwrapInboundIn(data))
            while let command = try? input.next() {
                let parts = command.array?.map { $0.string ?? "" } ?? []
                guard let text = answer(parts, context.channel.localAddress?.port ?? 0) else { return context.close(promise: nil) }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
        }
    }
}
