public import NIOCore

/// One packet of Socket.IO protocol 5 (<https://socket.io/docs/v4/socket-io-protocol>), its JSON not yet looked into.
public struct SocketPacket: Hashable, Sendable {
    /// The types, by their digit on the wire.
    public enum Kind: UInt8, Sendable {
        /// A client asks for a namespace, or is let in.
        case connect = 0
        /// One side leaves a namespace.
        case disconnect = 1
        /// An event.
        case event = 2
        /// The answer to an event.
        case ack = 3
        /// A client is not let into a namespace.
        case connectError = 4
        /// An event with attachments.
        case binaryEvent = 5
        /// The answer to an event, with attachments.
        case binaryAck = 6
    }

    /// The type.
    public var kind: Kind
    /// The namespace, with its leading slash.
    public var namespace: String
    /// What followed the namespace after a question mark: the `auth` of clients of Engine.IO 3.
    public var namespaceQuery: String?
    /// The id that an ack is asked for or given with.
    public var ackID: UInt64?
    /// How many binary attachments follow in messages of their own.
    public var attachmentCount: Int
    /// The JSON text; empty where there is none.
    public var json: ByteBuffer

    /// A packet.
    public init(kind: Kind, namespace: String = "/", ackID: UInt64? = nil, attachmentCount: Int = 0, json: ByteBuffer = ByteBuffer()) {
        self.kind = kind
        self.namespace = namespace
        self.ackID = ackID
        self.attachmentCount = attachmentCount
        self.json = json
    }
}

/// Why a text is no Socket.IO packet, or none that may be sent to a server. The connection that sent it is closed.
public enum SocketPacketError: String, Error, Hashable, Sendable, CaseIterable {
    /// An unknown or missing type digit.
    case unknownType
    /// Attachment count, namespace or ack id are malformed or out of range.
    case malformedHeader
    /// More than ``SocketPacket/maximumAttachments``.
    case tooManyAttachments
    /// A packet with its attachments has more bytes than may be.
    case tooLarge
    /// The payload is not JSON, or not of the kind that the packet type demands.
    case malformedPayload
    /// The event's name is one that applications may not use, such as `connect`.
    case reservedEvent
    /// A binary message where none is due, or a text where an attachment is due.
    case unexpectedMessage
}
