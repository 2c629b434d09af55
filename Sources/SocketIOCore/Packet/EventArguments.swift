import EngineIOCore
public import JSONScan
public import NIOCore

/// The arguments of an event or ack: JSON values where they lie in the packet, decoded when asked for, and binary attachments.
public struct EventArguments: Sendable {
    /// The JSON array they were sent in; for an event its first element is the name.
    public let array: ByteBuffer
    /// The binary attachments, to which `{"_placeholder":true,"num":n}` in the JSON refer.
    public let attachments: [ByteBuffer]
    private let slices: ArraySlice<JSONSlice>

    init(array: ByteBuffer, slices: ArraySlice<JSONSlice>, attachments: [ByteBuffer]) {
        self.array = array
        self.slices = slices
        self.attachments = attachments
    }

    /// One argument of JSON text, with the binary values to which it refers; `nil` where `value` is none.
    public init?(value: ByteBuffer, attachments: [ByteBuffer] = []) {
        var scanner = JSONScanner(value.readableBytesUInt8Span)
        guard let slice = try? scanner.value(), (try? scanner.end()) != nil else { return nil }
        self.init(array: value, slices: [slice], attachments: attachments)
    }

    /// How many there are.
    public var count: Int { slices.count }

    /// What kind of value the argument at `index` is; `nil` where there is none.
    public func kind(_ index: Int) -> JSONKind? {
        slices.indices.contains(slices.startIndex + index) ? slices[slices.startIndex + index].kind : nil
    }

    /// The JSON text of the argument at `index`, as it was sent; `nil` where there is none.
    public func json(_ index: Int) -> ByteBuffer? {
        guard slices.indices.contains(slices.startIndex + index) else { return nil }
        let range = slices[slices.startIndex + index].range
        return array.getSlice(at: array.readerIndex + range.lowerBound, length: range.count)
    }

    /// The members of the argument at `index`; `nil` where it is not an object.
    public func object(_ index: Int) -> JSONObject? {
        guard kind(index) == .object, let json = json(index) else { return nil }
        if json.readableBytes == 2 { return JSONObject.empty }
        return try? JSONObject(Array(json.readableBytesView))
    }

    /// The text of the argument at `index`; `nil` where it is not a string.
    public func string(_ index: Int) -> String? {
        guard kind(index) == .string, let json = json(index) else { return nil }
        return JSONString.decode(json.readableBytesUInt8Span, 0..<json.readableBytes)
    }

    /// The binary argument at `index`; `nil` where it is something else.
    public func binary(_ index: Int) -> ByteBuffer? {
        guard !attachments.isEmpty, let object = object(index), object.bool("_placeholder") == true,
            let number = object.integer("num"), attachments.indices.contains(Int(number))
        else { return nil }
        return attachments[Int(number)]
    }

    /// All arguments as they were sent, joined by commas: what stands between the brackets.
    public var joined: ByteBuffer {
        guard let first = slices.first, let last = slices.last else { return ByteBuffer() }
        let start = first.range.lowerBound
        return array.getSlice(at: array.readerIndex + start, length: last.range.upperBound - start) ?? ByteBuffer()
    }
}

/// A packet whose payload has been validated, with its attachments.
public enum SocketMessage: Sendable {
    /// `auth` is the JSON object the client sent, or `nil`.
    case connect(namespace: String, auth: JSONObject?)
    /// One side leaves a namespace.
    case disconnect(namespace: String)
    /// An event, with or without attachments; `ackID` where an answer is asked for.
    case event(namespace: String, name: String, arguments: EventArguments, ackID: UInt64?)
    /// The answer to the event that was sent with this id.
    case ack(namespace: String, id: UInt64, arguments: EventArguments)
    /// A refusal; `payload` is its JSON.
    case connectError(namespace: String, payload: ByteBuffer)
    /// A packet that the reference server ignores: an event whose name is a number, an ack without id.
    case ignored

    /// Names that a client may not use for its events (socket.io-parser, `RESERVED_EVENTS`).
    public static let reservedEvents: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// Validates the payload of `packet` as its type demands.
    ///
    /// - Parameters:
    ///   - packet: The packet.
    ///   - attachments: Its attachments, in their order.
    ///   - readsNamespaceQuery: Whether the `auth` of a CONNECT is the query of its namespace, as clients of Engine.IO 3 send it.
    public init(
        _ packet: SocketPacket,
        attachments: [ByteBuffer] = [],
        readsNamespaceQuery: Bool = false
    ) throws(SocketPacketError) {
        let query = packet.namespaceQuery
        // To clients of Engine.IO 4 a question mark is a character like any other.
        let namespace = readsNamespaceQuery ? packet.namespace : packet.namespace + (query.map { "?\($0)" } ?? "")
        switch packet.kind {
        case .connect:
            guard packet.json.readableBytes > 0 else {
                let auth = readsNamespaceQuery ? query.flatMap { JSONObject(EngineQuery($0)) } : nil
                self = .connect(namespace: namespace, auth: auth)
                return
            }
            guard let auth = try? JSONObject(Array(packet.json.readableBytesView)) else { throw .malformedPayload }
            self = .connect(namespace: namespace, auth: auth)
        case .disconnect:
            guard packet.json.readableBytes == 0 else { throw .malformedPayload }
            self = .disconnect(namespace: namespace)
        case .connectError:
            self = .connectError(namespace: namespace, payload: packet.json)
        case .event, .binaryEvent:
            let slices = try Self.elements(packet.json)
            guard let first = slices.first else { throw .malformedPayload }
            switch first.kind {
            case .string: break
            case .number:
                self = .ignored
                return
            default: throw .malformedPayload
            }
            let name = JSONString.decode(packet.json.readableBytesUInt8Span, first.range)
            // Most names are shorter than all of these, and need not be looked up.
            guard name.utf8.count < 7 || !Self.reservedEvents.contains(name) else { throw .reservedEvent }
            let arguments = EventArguments(array: packet.json, slices: slices.dropFirst(), attachments: attachments)
            self = .event(namespace: namespace, name: name, arguments: arguments, ackID: packet.ackID)
        case .ack, .binaryAck:
            let slices = try Self.elements(packet.json)
            guard let id = packet.ackID else {
                self = .ignored
                return
            }
            let arguments = EventArguments(array: packet.json, slices: slices[...], attachments: attachments)
            self = .ack(namespace: namespace, id: id, arguments: arguments)
        }
    }

    private static func elements(_ json: ByteBuffer) throws(SocketPacketError) -> [JSONSlice] {
        var slices: [JSONSlice] = []
        // Nearly every event has a name and one argument.
        slices.reserveCapacity(2)
        do {
            var scanner = JSONScanner(json.readableBytesUInt8Span)
            try scanner.forEachElement { slices.append($0) }
            try scanner.end()
        } catch {
            throw .malformedPayload
        }
        return slices
    }
}
