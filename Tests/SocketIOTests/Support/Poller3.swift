import NIOCore
import NIOPosix

/// A client of Engine.IO 3 that polls: each request has a connection of its own.
struct Poller3 {
    let port: Int
    let sid: String
    /// What came in the payload of the open packet, behind it; of no use where that is a script.
    let greeting: String

    static func open(_ port: Int, _ parameters: String = "") async throws -> Self {
        let body = String(buffer: try await exchange(port, "GET", parameters))
        // Where the packet is a string in a script, its quotes are escaped.
        guard let sid = body.firstRange(of: "sid").map({ body[$0.upperBound...].drop { "\\\":".contains($0) }.prefix(20) }),
            !body.contains("\"code\":")
        else { throw NoAnswer() }
        let length = Int(body.prefix { $0 != ":" }) ?? 0
        return Self(port: port, sid: String(sid), greeting: String(body.drop { $0 != ":" }.dropFirst(length + 1)))
    }

    func poll() async throws -> ByteBuffer { try await Self.exchange(port, "GET", "&sid=\(sid)") }

    func post(_ payload: String) async throws -> String {
        String(buffer: try await Self.exchange(port, "POST", "&sid=\(sid)", body: payload))
    }

    struct NoAnswer: Error {}

    private static func exchange(_ port: Int, _ method: String, _ parameters: String, body: String = "") async throws -> ByteBuffer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
        }
        return try await channel.executeThenClose { inbound, outbound in
            let head = "\(method) /socket.io/?EIO=3&transport=polling\(parameters) HTTP/1.1\r\nHost: test\r\nConnection: close"
            try await outbound.write(ByteBuffer(string: "\(head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"))
            var answer = ByteBuffer()
            for try await part in inbound { answer.writeImmutableBuffer(part) }
            guard let end = answer.readableBytesView.firstRange(of: "\r\n\r\n".utf8) else { throw NoAnswer() }
            answer.moveReaderIndex(to: end.upperBound)
            return answer
        }
    }
}
