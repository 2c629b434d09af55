import Crypto
import EngineIOCore
import NIOCore
import NIOHTTP1

/// The opening handshake of a WebSocket (RFC 6455, section 4.2).
enum WebSocketUpgrade {
    /// Whether the headers ask for a WebSocket.
    static func isRequested(_ headers: HTTPHeaders) -> Bool {
        guard let upgrade = headers.first(name: "upgrade"), HeaderText.isSame(upgrade, "websocket") else { return false }
        return listsUpgrade(headers)
    }

    /// Whether what follows the request is no HTTP any more, to llhttp: the connection is to become another protocol's, whichever.
    static func endsHTTP(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT || (head.headers.contains(name: "upgrade") && listsUpgrade(head.headers))
    }

    private static func listsUpgrade(_ headers: HTTPHeaders) -> Bool {
        headers.contains { name, value in HeaderText.isSame(name, "connection") && HeaderText.lists(value, "upgrade") }
    }
}

/// What a WebSocket is opened with: the answer to the request, and what has been agreed on in it.
struct WebSocketAcceptance: Sendable {
    private let key: String
    /// The window of compressed messages, as a power of 2; `nil` where there is to be no compression.
    let windowBits: Int?
    /// Headers beside those of the handshake itself.
    var headers = HTTPHeaders()

    /// `nil` where version or key are not those of RFC 6455.
    init?(_ headers: HTTPHeaders, deflate: PerMessageDeflate?) {
        guard headers.first(name: "sec-websocket-version") == "13",
            let key = headers.first(name: "sec-websocket-key"), key.utf8.count == 24,
            Base64.decode(ByteBuffer(string: key))?.readableBytes == 16
        else { return nil }
        self.key = key
        let agreement = deflate.flatMap { DeflateAgreement(offers: headers["sec-websocket-extensions"], settings: $0.clamped) }
        windowBits = agreement?.windowBits
        if let agreement { self.headers.add(name: "Sec-WebSocket-Extensions", value: agreement.response) }
        // A client that offers some fails without an answer (RFC 6455, section 4.1). They mean nothing here; the reference takes the first too.
        if let name = headers[canonicalForm: "sec-websocket-protocol"].first, HeaderText.isName(String(name)) {
            self.headers.add(name: "Sec-WebSocket-Protocol", value: String(name))
        }
    }

    /// The whole answer. Headers whose name or value cannot stand in HTTP are left out.
    var response: ByteBuffer {
        var hasher = Insecure.SHA1()
        var text = ByteBufferAllocator().buffer(capacity: 60)
        text.writeString(key)
        text.writeStaticString("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        // `unsafe`: the pointers are used within the closures only.
        text.withUnsafeReadableBytes { hasher.update(bufferPointer: $0) }
        // Room for the open packet too, which goes out behind it.
        var response = ByteBufferAllocator().buffer(capacity: 384)
        response.writeStaticString(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        )
        hasher.finalize().withUnsafeBytes { Base64.encode($0, into: &response) }
        for (name, value) in headers where HeaderText.isName(name) && HeaderText.isValue(value) {
            response.writeString("\r\n\(name): \(value)")
        }
        response.writeString("\r\n\r\n")
        return response
    }
}
