package import NIOCore

/// One WebSocket frame of the server.
package struct ServerFrame: Sendable, Equatable {
    package var opcode: UInt8
    package var payload: ByteBuffer
    /// RSV1.
    package var isCompressed: Bool

    package init(opcode: UInt8, payload: ByteBuffer, isCompressed: Bool = false) {
        self.opcode = opcode
        self.payload = payload
        self.isCompressed = isCompressed
    }

    package static func text(_ text: String) -> Self { Self(opcode: 1, payload: ByteBuffer(string: text)) }
    package static func binary(_ bytes: [UInt8]) -> Self { Self(opcode: 2, payload: ByteBuffer(bytes: bytes)) }
    package static func close(_ code: UInt16?) -> Self {
        Self(opcode: 8, payload: ByteBuffer(bytes: code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? []))
    }

    package var string: String { String(buffer: payload) }
}

package extension RawConnection {
    static let upgradeHeaders = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Asks for a WebSocket, of the session `sid` or a new one.
    func upgrade(_ sid: String? = nil) async throws -> HTTPAnswer {
        let uri = "/socket.io/?EIO=4&transport=websocket" + (sid.map { "&sid=\($0)" } ?? "")
        return try await exchange("GET", uri, headers: Self.upgradeHeaders)
    }

    /// Opens a session over WebSocket; its open packet has been read.
    static func webSocket(_ address: SocketAddress) async throws -> Self {
        let connection = try await open(address)
        guard try await connection.upgrade().status == 101 else { throw WaitError(description: "no upgrade") }
        guard try await connection.frame().string.hasPrefix("0{") else { throw WaitError(description: "no open packet") }
        return connection
    }

    /// The next frame, whatever it is.
    func frame() async throws -> ServerFrame {
        try await next("a frame") { buffer, _ in
            var rest = buffer
            guard let first: UInt8 = rest.readInteger(), let second: UInt8 = rest.readInteger() else { return nil }
            var length = Int(second)
            if second == 126 {
                guard let long: UInt16 = rest.readInteger() else { return nil }
                length = Int(long)
            } else if second == 127 {
                guard let long: UInt64 = rest.readInteger() else { return nil }
                length = Int(long)
            }
            guard first & 0xB0 == 0x80, second < 128 else { throw WaitError(description: "fragmented, reserved or masked frame") }
            guard let payload = rest.readSlice(length: length) else { return nil }
            buffer = rest
            return ServerFrame(opcode: first & 15, payload: payload, isCompressed: first & 0x40 != 0)
        }
    }

    /// The next frame that is no heartbeat; heartbeats are answered.
    func message() async throws -> ServerFrame {
        while true {
            let frame = try await frame()
            guard frame == .text("2") else { return frame }
            try await send(clientFrame("3"))
        }
    }
}

/// A masked frame.
package func clientFrame(_ text: String) -> ByteBuffer { clientFrame(1, ByteBuffer(string: text)) }

package func clientFrame(_ opcode: UInt8, _ payload: ByteBuffer = ByteBuffer(), isMasked: Bool = true, isFinal: Bool = true) -> ByteBuffer {
    var frame = ByteBuffer(bytes: [opcode | (isFinal ? 0x80 : 0)])
    let mask: UInt8 = isMasked ? 0x80 : 0
    switch payload.readableBytes {
    case 0..<126: frame.writeInteger(mask | UInt8(payload.readableBytes))
    case 0...0xFFFF:
        frame.writeInteger(mask | 126)
        frame.writeInteger(UInt16(payload.readableBytes))
    default:
        frame.writeInteger(mask | 127)
        frame.writeInteger(UInt64(payload.readableBytes))
    }
    let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    if isMasked { frame.writeBytes(key) }
    frame.writeBytes(payload.readableBytesView.enumerated().map { isMasked ? $1 ^ key[$0 & 3] : $1 })
    return frame
}
