import EngineIO
import NIOCore
import SocketIOCore

/// A latest value that goes out in another namespace than it makes its frames for.
struct AddressedMessage: ConflatableMessage {
    private let message: any ConflatableMessage
    private let namespace: String

    init(_ message: any ConflatableMessage, namespace: String) {
        self.message = message
        self.namespace = namespace
    }

    var key: ConflationKey { message.key }
    var byteCount: Int { message.byteCount + namespace.utf8.count + 1 }

    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
        let earlier = (earlier as? AddressedMessage)?.message ?? earlier
        return AddressedMessage(message.replacing(earlier), namespace: namespace)
    }

    func makeFrame() -> OutboundFrame { message.makeFrame().addressed(to: namespace) }
}

extension OutboundFrame {
    /// The frame of an event, written for the namespace `name` instead of its own.
    func addressed(to name: String) -> OutboundFrame {
        var text = textPacket
        text.moveReaderIndex(forwardBy: 1)
        guard let packet = try? SocketPacket(text: text) else { return self }
        let count = binaryPayloads.count
        return OutboundFrame(capacity: text.readableBytes + name.utf8.count + 2, binaries: binaryPayloads, isCompressible: isCompressible) {
            SocketPacket.writeHeader(count > 0 ? .binaryEvent : .event, namespace: name, attachmentCount: count, into: &$0)
            $0.writeImmutableBuffer(packet.json)
        }
    }
}
