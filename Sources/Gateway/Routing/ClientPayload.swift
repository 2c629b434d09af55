import EngineIO
import GatewayDomain
import JSONScan
import NIOCore
import SocketIO

/// The JSON that clients get for one envelope: the publisher's members as they were written, with the gateway's own around them.
struct ClientPayload: Sendable {
    /// Members that only the gateway sets. What a publisher writes under these names inside `data` is dropped and counted.
    static let reserved: [StaticString] = [
        "symbol", "timestamp", "id", "userId", "personal", "seq", "seqFirst", "epoch", "snapshot", "delta",
    ]

    /// Members joined by commas, without braces.
    let members: ByteBuffer
    /// How many members of `data` were dropped.
    let droppedMembers: Int
    /// Whether levels of an order book were cut off.
    let isCut: Bool
    /// Milliseconds since 1970.
    let timestamp: Int64

    /// - Parameters:
    ///   - envelope: The event.
    ///   - timestamp: Milliseconds since 1970.
    ///   - isPersonal: Whether this is the copy for the user whom the event concerns.
    ///   - bookDepth: How many levels of each side of an order book to pass on; the rest is cut off, the others stay as they were written.
    ///   - levels: The levels of an order book to pass on in place of those of the envelope.
    init(_ envelope: Envelope, timestamp: Int64, isPersonal: Bool = false, bookDepth: Int? = nil, levels: BookText.Levels? = nil) {
        var buffer = ByteBufferAllocator().buffer(capacity: Self.capacity(envelope))
        let note = Self.write(envelope, timestamp: timestamp, isPersonal: isPersonal, bookDepth: bookDepth, levels: levels, into: &buffer)
        self.init(members: buffer, timestamp: timestamp, note)
    }

    /// A payload whose members have been written before.
    init(members: ByteBuffer, timestamp: Int64) {
        self.init(members: members, timestamp: timestamp, Note())
    }

    private init(members: ByteBuffer, timestamp: Int64, _ note: Note) {
        self.members = members
        self.droppedMembers = note.droppedMembers
        self.isCut = note.isCut
        self.timestamp = timestamp
    }

    /// What has become of members that were not passed on as they were.
    private struct Note {
        var droppedMembers = 0
        var isCut = false
    }

    /// About how many bytes the members of `envelope` will have.
    private static func capacity(_ envelope: Envelope) -> Int { envelope.data.bytes.count + 64 + (envelope.id?.utf8.count ?? 0) }

    /// Writes the members.
    private static func write(
        _ envelope: Envelope,
        timestamp: Int64,
        isPersonal: Bool,
        bookDepth: Int?,
        levels: BookText.Levels? = nil,
        into buffer: inout ByteBuffer
    ) -> Note {
        let data = envelope.data
        let bytes = data.bytes
        let start = buffer.writerIndex
        var note = Note()
        func separate() {
            if buffer.writerIndex > start { buffer.writeInteger(UInt8(ascii: ",")) }
        }
        if let symbol = envelope.symbol {
            buffer.writeStaticString("\"symbol\":\"")
            buffer.writeString(symbol)
            buffer.writeStaticString("\"")
        }
        for member in data.members {
            let (key, value) = (member.key, member.value)
            if data.isKey(key, oneOf: Self.reserved) {
                // A notification's own id has become the envelope's, so nothing of it is lost.
                if !(envelope.type == .notification && data.isKey(key, oneOf: ["id"])) { note.droppedMembers += 1 }
                continue
            }
            separate()
            if let levels, data.isKey(key, oneOf: ["bids", "asks"]) {
                buffer.writeBytes(bytes[key.range.lowerBound..<value.range.lowerBound])
                BookText.write(data.isKey(key, oneOf: ["bids"]) ? levels.bids : levels.asks, into: &buffer)
                note.isCut = true
                continue
            }
            if let bookDepth, value.kind == .array, data.isKey(key, oneOf: ["bids", "asks"]),
                let end = BookText.end(of: bookDepth, bytes[value.range].span)
            {
                buffer.writeBytes(bytes[key.range.lowerBound..<value.range.lowerBound + end])
                buffer.writeInteger(UInt8(ascii: "]"))
                note.isCut = true
                continue
            }
            buffer.writeBytes(bytes[key.range.lowerBound..<value.range.upperBound])
        }
        if let id = envelope.id {
            separate()
            buffer.writeStaticString("\"id\":")
            buffer.writeString(JSONString.literal(id))
        }
        if isPersonal {
            separate()
            buffer.writeStaticString("\"personal\":true")
        }
        separate()
        buffer.writeStaticString("\"timestamp\":")
        buffer.writeString(String(timestamp))
        return note
    }

    /// An event of `envelope` with its place in a room's sequence, and what is to be kept of it, which is a part of the event's bytes.
    ///
    /// - Parameter conflation: Makes a latest value of the payload.
    static func event(
        _ name: String,
        _ envelope: Envelope,
        timestamp: Int64,
        epoch: String,
        seq: UInt64,
        conflation: (ClientPayload) -> (any ConflatableMessage)?
    ) -> (event: OutgoingEvent, payload: ClientPayload) {
        var (members, note) = (0..<0, Note())
        var payload: ClientPayload?
        let event = OutgoingEvent(
            name,
            capacity: capacity(envelope) + epoch.utf8.count + 40,
            {
                $0.writeInteger(UInt8(ascii: "{"))
                let start = $0.writerIndex
                note = write(envelope, timestamp: timestamp, isPersonal: false, bookDepth: nil, into: &$0)
                members = start..<$0.writerIndex
                writePlace(epoch: epoch, seq: seq, isSnapshot: false, into: &$0)
            },
            conflation: { written in
                let slice = written.getSlice(at: members.lowerBound, length: members.count) ?? ByteBuffer()
                let made = ClientPayload(members: slice, timestamp: timestamp, note)
                payload = made
                return conflation(made)
            }
        )
        return (event, payload ?? ClientPayload(envelope, timestamp: timestamp))
    }

    /// The members as text, without braces and without a sequence.
    var text: String { String(buffer: members) }

    /// A payload that the gateway makes itself: `write` appends JSON members without braces.
    init(symbol: String, timestamp: Int64, _ write: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer(string: "\"symbol\":\"\(symbol)\",")
        write(&buffer)
        buffer.writeString(",\"timestamp\":\(timestamp)")
        members = buffer
        droppedMembers = 0
        isCut = false
        self.timestamp = timestamp
    }

    /// The payload as an object.
    var object: JSONObject? { try? JSONObject(Array("{".utf8) + Array(members.readableBytesView) + Array("}".utf8)) }

    /// How many bytes the payload has, about.
    var capacity: Int { members.readableBytes + 96 }

    /// Appends the object with its place in the room's sequence: the number of the update, or the first and the last that it stands for.
    func write(epoch: String, seqFirst: UInt64? = nil, seq: UInt64, isSnapshot: Bool, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(ascii: "{"))
        buffer.writeImmutableBuffer(members)
        Self.writePlace(epoch: epoch, seqFirst: seqFirst, seq: seq, isSnapshot: isSnapshot, into: &buffer)
    }

    private static func writePlace(epoch: String, seqFirst: UInt64? = nil, seq: UInt64, isSnapshot: Bool, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(",\"epoch\":\"")
        buffer.writeString(epoch)
        if let seqFirst, seqFirst != seq {
            buffer.writeStaticString("\",\"seqFirst\":")
            buffer.writeString(String(seqFirst))
            buffer.writeStaticString(",\"seq\":")
        } else {
            buffer.writeStaticString("\",\"seq\":")
        }
        buffer.writeString(String(seq))
        buffer.writeStaticString(isSnapshot ? ",\"snapshot\":true}" : "}")
    }

    /// Appends the object without a sequence: personal copies, notifications and alerts have none.
    func write(into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(ascii: "{"))
        buffer.writeImmutableBuffer(members)
        buffer.writeInteger(UInt8(ascii: "}"))
    }
}
