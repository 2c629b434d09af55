import NIOCore
import NIOPosix

/// A client that asks for a compressed WebSocket and throws away what it gets.
final class Member: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    static func connect(to address: SocketAddress, on group: any EventLoopGroup) async throws {
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Member()) }
            }
            .connect(to: address)
            .get()
        let request = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", "Host: benchmark", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Extensions: permessage-deflate",
        ]
        try await channel.writeAndFlush(ByteBuffer(string: request.joined(separator: "\r\n") + "\r\n\r\n"))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}
