import JSONScan
import NIOCore

/// The server's answer to a CONNECT that it refuses: the `connect_error` of other clients.
public struct SocketIOConnectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The `message` of the answer.
    public let message: String
    /// The `code` in the answer's `data`; `nil` where there is none.
    public let code: String?
    /// The whole answer as it was sent.
    public let json: String

    init(payload: ByteBuffer) {
        let object = try? JSONObject(Array(payload.readableBytesView))
        message = object?.string("message") ?? ""
        code = object?.raw("data").flatMap { try? JSONObject(Array($0)) }?.string("code")
        json = String(buffer: payload)
    }

    /// The message, and the code in brackets.
    public var description: String { code.map { "\(message) [\($0)]" } ?? message }
}
