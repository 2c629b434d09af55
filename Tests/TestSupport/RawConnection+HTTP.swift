package import NIOCore

/// An HTTP answer with a `content-length`.
package struct HTTPAnswer: Sendable {
    package var status: Int
    package var headers: [String: String]
    /// The body as text.
    package var body: String
    /// The body as it came.
    package var bytes: ByteBuffer
}

package extension RawConnection {
    static let enginePath = "/socket.io/?EIO=4&transport=polling"

    func request(_ method: String, _ uri: String, headers: [String] = [], body: String? = nil) async throws {
        var lines = ["\(method) \(uri) HTTP/1.1", "Host: test"] + headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    func answer() async throws -> HTTPAnswer {
        try await next("an HTTP answer") { buffer, _ in Self.parse(&buffer) }
    }

    func exchange(_ method: String, _ uri: String, headers: [String] = [], body: String? = nil) async throws -> HTTPAnswer {
        try await request(method, uri, headers: headers, body: body)
        return try await answer()
    }

    /// Opens a polling session and returns its id.
    func openPolling() async throws -> String {
        let body = try await exchange("GET", Self.enginePath).body
        guard let start = body.firstRange(of: "\"sid\":\"")?.upperBound, body.hasPrefix("0{") else {
            throw WaitError(description: "no open packet: \(body)")
        }
        return String(body[start...].prefix(20))
    }

    func poll(_ sid: String) async throws -> HTTPAnswer { try await exchange("GET", Self.enginePath + "&sid=" + sid) }
    func post(_ sid: String, _ body: String) async throws -> HTTPAnswer {
        try await exchange("POST", Self.enginePath + "&sid=" + sid, headers: ["Content-Type: text/plain;charset=UTF-8"], body: body)
    }

    private static func parse(_ buffer: inout ByteBuffer) -> HTTPAnswer? {
        let view = buffer.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: view[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let name = parts[0].lowercased()
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        }
        let status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        let isBodyless = status == 204 || status < 200
        // Without a length the body reaches to the end of the connection; no answer of this server needs that.
        let length = isBodyless ? 0 : Int(headers["content-length"] ?? "") ?? 0
        guard view.endIndex - end.upperBound >= length else { return nil }
        buffer.moveReaderIndex(to: end.upperBound)
        let bytes = buffer.readSlice(length: length) ?? ByteBuffer()
        return HTTPAnswer(status: status, headers: headers, body: String(buffer: bytes), bytes: bytes)
    }
}
