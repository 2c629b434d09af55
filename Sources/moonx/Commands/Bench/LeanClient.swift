import JSONScan
import NIOCore
import NIOPosix
import SocketIOClient

/// What lean clients have in common: what they send to get in, how their sockets are set up, and how many of them are opened at a time.
enum LeanClient {
    /// The upgrade to a WebSocket.
    /// - Parameter deflates: Whether it asks for `permessage-deflate`.
    static func upgrade(to url: ServerURL, deflates: Bool = false) -> ByteBuffer {
        let path = url.target == "/" ? "/socket.io/" : url.target
        let extensions = deflates ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""
        return ByteBuffer(
            string: """
                GET \(path)?EIO=4&transport=websocket HTTP/1.1\r
                Host: \(url.authority)\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: bW9vbnggYmVuY2htYXJrIQ==\r
                \(extensions)\r

                """
        )
    }

    /// What enters the namespace: one frame for each token, or one for guests where there is none.
    static func connects(_ tokens: [String]) -> [ByteBuffer] {
        let auths = tokens.isEmpty ? [""] : tokens.map { "{\"token\":\(JSONString.literal($0))}" }
        return auths.map { ClientFrame.text("40" + $0) }
    }

    static func join(_ room: String) -> ByteBuffer {
        ClientFrame.text("42[\"join_room\",{\"room\":\(JSONString.literal(room))}]")
    }

    /// Sockets whose read buffers are given back after each read.
    /// - Parameter source: The address that they come from; `nil` leaves it to the kernel.
    static func bootstrap(on eventLoop: any EventLoop, from source: SocketAddress?) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(60))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4_096))
            .channelOption(.maxMessagesPerRead, value: 1)
        guard let source else { return bootstrap }
        #if os(Linux)
            // The port is chosen when connecting: binding to an address alone takes one that no other connection of that address has, and looks
            // through half of all ports for it once the other half is taken.
            return bootstrap.channelOption(Self.bindAddressWithoutPort, value: 1).bind(to: source)
        #else
            return bootstrap.bind(to: source)
        #endif
    }

    #if os(Linux)
        /// `IP_BIND_ADDRESS_NO_PORT` of ip(7).
        private static let bindAddressWithoutPort = ChannelOptions.Types.SocketOption(level: .ip, name: NIOBSDSocket.Option(rawValue: 24))
    #endif

    /// Calls `open` for each number below `count`, for `concurrency` of them at a time; done when all are.
    static func open(_ count: Int, concurrency: Int, _ open: @escaping @Sendable (Int) async throws -> Void) async throws {
        let line = ProgressLine()
        defer { line.clear() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                line.show("\(number) of \(count) connections opened")
                if number >= concurrency { try await group.next() }
                group.addTask { try await open(number) }
            }
            try await group.waitForAll()
        }
    }
}
