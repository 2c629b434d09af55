import EngineIO
import NIOCore
import TestSupport

extension RawConnection {
    static let enginePath3 = "/socket.io/?EIO=3&transport=polling"

    /// Opens a polling session of protocol 3 and returns its id.
    ///
    /// - Parameter parameters: What follows the transport in the query.
    func openPolling3(_ parameters: String = "") async throws -> String {
        let body = try await exchange("GET", Self.enginePath3 + parameters).body
        // Where the packet is a string in a script, its quotes are escaped.
        guard let sid = body.firstRange(of: "sid").map({ body[$0.upperBound...].drop { "\\\":".contains($0) }.prefix(20) }) else {
            throw WaitError(description: "no open packet: \(body)")
        }
        return String(sid)
    }

    func poll3(_ sid: String) async throws -> HTTPAnswer { try await exchange("GET", Self.enginePath3 + "&sid=" + sid) }

    func post3(_ sid: String, _ body: String) async throws -> HTTPAnswer {
        try await exchange("POST", Self.enginePath3 + "&sid=" + sid, headers: ["Content-Type: text/plain;charset=UTF-8"], body: body)
    }

    /// Posts bytes as `application/octet-stream`.
    func post3(_ sid: String, _ body: ByteBuffer, contentType: String = "application/octet-stream") async throws -> HTTPAnswer {
        let length = "Content-Length: \(body.readableBytes)"
        try await request("POST", Self.enginePath3 + "&sid=" + sid, headers: ["Content-Type: \(contentType)", length])
        try await send(body)
        return try await answer()
    }

    func upgrade3(_ parameters: String = "") async throws -> HTTPAnswer {
        try await exchange("GET", "/socket.io/?EIO=3&transport=websocket" + parameters, headers: Self.upgradeHeaders)
    }

    /// Opens a session of protocol 3 over WebSocket; its open packet has been read.
    static func webSocket3(_ address: SocketAddress, _ parameters: String = "") async throws -> Self {
        let connection = try await open(address)
        guard try await connection.upgrade3(parameters).status == 101 else { throw WaitError(description: "no upgrade") }
        guard try await connection.frame().string.hasPrefix("0{") else { throw WaitError(description: "no open packet") }
        return connection
    }
}

extension EchoServer {
    /// A server that takes clients of protocol 3 too.
    static func run3(
        loops: Int = 1,
        _ configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EchoServer) async throws -> Void
    ) async throws {
        try await run(loops: loops) {
            $0.allowEIO3 = true
            configure(&$0)
        } _: {
            try await body($0)
        }
    }

    func webSocket3(_ parameters: String = "") async throws -> RawConnection { try await RawConnection.webSocket3(address, parameters) }
}
