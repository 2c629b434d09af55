public import NIOCore
import Synchronization

/// The answer that another server waits for. May be sent from anywhere; the first counts.
public final class ServerSideAck: Sendable {
    private let respond: @Sendable (ByteBuffer) -> Void
    private let isSent = Atomic(false)

    init(_ respond: @escaping @Sendable (ByteBuffer) -> Void) {
        self.respond = respond
    }

    /// Answers with one value of JSON text.
    public func send(json value: ByteBuffer) {
        if !isSent.exchange(true, ordering: .relaxed) { respond(value) }
    }

    /// Answers with one value of JSON text.
    public func send(json value: String) {
        send(json: ByteBuffer(string: value))
    }
}
