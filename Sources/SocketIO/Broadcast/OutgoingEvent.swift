public import EngineIO
import Foundation
public import NIOCore
public import SocketIOCore

/// An event on its way out, encoded once for everyone who gets it.
public struct OutgoingEvent: Sendable {
    /// The event as it goes out.
    public let frame: OutboundFrame
    /// The namespace it is written for. Sent in another, it is written anew for that one, once for everyone who gets it.
    public let namespace: String
    /// Whether connection state recovery, where the server has it, keeps the event for clients that are away, and sends it with an offset.
    /// Switch it off for what is worthless once it is old; for latest values it is off.
    public var isRecoverable = true
    /// The entry that the event was made of, where that is of a source that every server reads whole (``RecoveryConfiguration/sources``): a
    /// client that goes on on another server gets what it missed of those. Each event has a place of its own, in the order of the source.
    public var source: SourcePlace?

    /// An event whose arguments are JSON text already: values joined by commas, or nothing.
    ///
    /// Never end with a bare string: clients take a trailing string argument for the offset of connection state recovery.
    public init(_ name: String, json arguments: ByteBuffer, attachments: [ByteBuffer] = [], namespace: String = "/") {
        self.namespace = namespace
        frame = OutboundFrame(capacity: arguments.readableBytes + name.utf8.count + namespace.utf8.count + 16, binaries: attachments) {
            SocketPacket.writeEvent(
                name,
                arguments: arguments,
                namespace: namespace,
                attachmentCount: attachments.count,
                into: &$0
            )
        }
    }

    /// An event without attachments whose arguments `write` appends as JSON text, about `capacity` bytes of it.
    ///
    /// With `conflation` the event is a latest value, which for a client that cannot keep up gives way to newer ones.
    public init(
        _ name: String,
        namespace: String = "/",
        capacity: Int,
        conflation: (any ConflatableMessage)? = nil,
        _ write: (inout ByteBuffer) -> Void
    ) {
        self.init(name, namespace: namespace, capacity: capacity, write, conflation: { _ in conflation })
    }

    /// As ``init(_:namespace:capacity:conflation:_:)``, where what makes it a latest value is a part of the event's own bytes.
    ///
    /// - Parameter conflation: Is given the buffer that `write` wrote to, with its indices, and may keep slices of it, which cost no copy.
    public init(
        _ name: String,
        namespace: String = "/",
        capacity: Int,
        _ write: (inout ByteBuffer) -> Void,
        conflation: (ByteBuffer) -> (any ConflatableMessage)?
    ) {
        self.namespace = namespace
        frame = OutboundFrame(
            capacity: capacity + name.utf8.count + namespace.utf8.count + 8,
            { SocketPacket.writeEvent(name, namespace: namespace, into: &$0, arguments: write) },
            conflation: conflation
        )
        isRecoverable = frame.conflation == nil
    }

    /// An event whose one argument is JSON text already.
    public init(_ name: String, json arguments: String, namespace: String = "/") {
        self.init(name, json: ByteBuffer(string: arguments), namespace: namespace)
    }

    /// An event with one argument.
    ///
    /// - Throws: What `JSONEncoder` throws.
    public init(_ name: String, _ argument: some Encodable, namespace: String = "/") throws {
        self.init(name, json: ByteBuffer(bytes: try JSONEncoder().encode(argument)), namespace: namespace)
    }

    private init(frame: OutboundFrame, namespace: String) {
        self.frame = frame
        self.namespace = namespace
    }

    /// The same event, sent without compression: for what is compressed already, or what must not share a compressor with a secret.
    public var uncompressed: OutgoingEvent {
        guard frame.isCompressible else { return self }
        let text = frame.textPacket
        var copy = OutgoingEvent(
            frame: OutboundFrame(
                capacity: text.readableBytes,
                binaries: frame.binaryPayloads,
                conflation: frame.conflation,
                isCompressible: false
            ) { $0.writeImmutableBuffer(text) },
            namespace: namespace
        )
        copy.isRecoverable = isRecoverable
        copy.source = source
        return copy
    }

    /// An event of another server; `nil` where its array does not begin with a name.
    init?(
        _ event: ClusterEvent,
        namespace: String,
        isRecoverable: Bool,
        isCompressible: Bool,
        conflation: (any ConflatableMessage)? = nil
    ) {
        guard let array = event.array.withoutWhiteSpaceAround, array.getInteger(at: array.readerIndex + 1) == UInt8(ascii: "\"") else {
            return nil
        }
        let capacity = array.readableBytes + namespace.utf8.count + 16
        self.namespace = namespace
        frame = OutboundFrame(
            capacity: capacity,
            binaries: event.attachments,
            conflation: conflation,
            isCompressible: isCompressible
        ) {
            let count = event.attachments.count
            let kind = count > 0 ? SocketPacket.Kind.binaryEvent : .event
            SocketPacket.writeHeader(kind, namespace: namespace, attachmentCount: count, into: &$0)
            $0.writeImmutableBuffer(array)
        }
        self.isRecoverable = isRecoverable
    }

    /// The event as it goes to other servers.
    var clusterEvent: ClusterEvent? {
        var text = frame.textPacket
        text.moveReaderIndex(forwardBy: 1)
        guard let packet = try? SocketPacket(text: text) else { return nil }
        return ClusterEvent(array: packet.json, attachments: frame.binaryPayloads)
    }

    /// The event as it goes out in the namespace `name`.
    func addressed(to name: String) -> OutgoingEvent {
        guard namespace != name, let event = clusterEvent else { return self }
        var addressed = OutgoingEvent(
            event,
            namespace: name,
            isRecoverable: isRecoverable,
            isCompressible: frame.isCompressible,
            conflation: frame.conflation.map { AddressedMessage($0, namespace: name) }
        )
        addressed?.source = source
        return addressed ?? self
    }

    /// The event with `offset` as an additional last argument, where clients look for it.
    func stamped(_ offset: String) -> OutgoingEvent {
        var array = frame.textPacket
        let bracket = array.readableBytes - 1
        let arguments = array.readSlice(length: bracket) ?? ByteBuffer()
        return OutgoingEvent(
            frame: OutboundFrame(
                capacity: bracket + offset.utf8.count + 4,
                binaries: frame.binaryPayloads,
                isCompressible: frame.isCompressible
            ) {
                $0.writeImmutableBuffer(arguments)
                $0.writeString(",\"\(offset)\"]")
            },
            namespace: namespace
        )
    }

    /// The event with another offset than the one it was stamped with, which is the last string in it and has no quotes.
    func restamped(_ offset: String) -> OutgoingEvent {
        var array = frame.textPacket
        let text = array.readableBytesView
        let quote = UInt8(ascii: "\"")
        guard let end = text.lastIndex(of: quote), let begin = text[..<end].lastIndex(of: quote) else { return self }
        let arguments = array.readSlice(length: begin - text.startIndex) ?? ByteBuffer()
        return OutgoingEvent(
            frame: OutboundFrame(
                capacity: arguments.readableBytes + offset.utf8.count + 4,
                binaries: frame.binaryPayloads,
                isCompressible: frame.isCompressible
            ) {
                $0.writeImmutableBuffer(arguments)
                $0.writeString("\"\(offset)\"]")
            },
            namespace: namespace
        )
    }

    /// Its name and arguments, decoded anew at each call; a recoverable event on its way has its offset among the arguments.
    public var content: (name: String, arguments: EventArguments)? {
        guard let event = clusterEvent else { return nil }
        let packet = SocketPacket(kind: .event, json: event.array)
        guard case .event(_, let name, let arguments, _)? = try? SocketMessage(packet, attachments: event.attachments) else { return nil }
        return (name, arguments)
    }

    /// How many bytes it takes on a WebSocket.
    public var byteCount: Int { frame.byteCount }
}

extension ByteBuffer {
    /// The text without JSON's white space before and after it; `nil` where nothing else is in it.
    fileprivate var withoutWhiteSpaceAround: ByteBuffer? {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        let view = readableBytesView
        guard let first = view.firstIndex(where: { !isSpace($0) }), let last = view.lastIndex(where: { !isSpace($0) }) else { return nil }
        return getSlice(at: first, length: last - first + 1)
    }
}
