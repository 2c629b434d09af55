import Crypto
import EngineIOCore
import NIOCore
import NIOHTTP1

/// The opening handshake of a WebSocket (RFC 6455, section 4.2).
enum WebSocketUpgrade {
    /// Whether the headers ask for a WebSocket.
    static func isRequested(_ headers: HTTPHeaders) -> Bool {
        headers.first(name: "upgrade")?.lowercased() == "websocket"
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// The whole answer to a valid request; `nil` where version or key are not those of RFC 6455.
    static func response(to headers: HTTPHeaders) -> ByteBuffer? {
        guard headers.first(name: "sec-websocket-version") == "13",
            let key = headers.first(name: "sec-websocket-key"), key.utf8.count == 24, key.hasSuffix("==")
        else { return nil }
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        var response = ByteBuffer(
            string: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        Base64.encode(ByteBuffer(bytes: digest), into: &response)
        response.writeString("\r\n\r\n")
        return response
    }
}
