import EngineIO
public import NIOCore
import SocketIOCore

/// The answer that a client waits for. May be sent from anywhere. Send it once: clients ignore a second.
public struct Ack: Sendable {
    private let socket: Socket
    private let id: UInt64

    init(socket: Socket, id: UInt64) {
        self.socket = socket
        self.id = id
    }

    /// Answers with JSON text: values joined by commas, or nothing.
    public func send(json arguments: ByteBuffer, attachments: [ByteBuffer] = []) {
        let namespace = socket.namespace
        let id = self.id
        socket.onLoop {
            $0.send(
                OutboundFrame(capacity: arguments.readableBytes + 32, binaries: attachments) {
                    SocketPacket.writeAck(
                        id,
                        arguments: arguments,
                        namespace: namespace,
                        attachmentCount: attachments.count,
                        into: &$0
                    )
                }
            )
        }
    }

    /// Answers with JSON text.
    public func send(json arguments: String) {
        send(json: ByteBuffer(string: arguments))
    }
}

/// Why a client's answer did not come.
public enum AckError: Error, Hashable, Sendable {
    /// The time is over.
    case timedOut
    /// The socket has ended.
    case disconnected
}
