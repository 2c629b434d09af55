import GatewayDomain
import JSONScan
import NIOCore

extension Envelope {
    /// The envelope as it goes over a bus, from `Envelope(json:)` to the same on another node: symbol and id as they were understood, the
    /// time set, `data` and `metadata` as the publisher wrote them.
    ///
    /// - Parameter receivedAt: Milliseconds since 1970, for an envelope without a time of its own: all nodes say the same.
    func wire(receivedAt: Int64) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(data.bytes.count + 192)
        buffer.writeString("{\"type\":\"\(type.rawValue)\"")
        if let symbol { buffer.writeString(",\"symbol\":\"\(symbol)\"") }
        if let userID { buffer.writeString(",\"userId\":\"\(userID)\"") }
        if let id { buffer.writeString(",\"id\":\(JSONString.literal(id))") }
        if isDelta { buffer.writeString(",\"delta\":true") }
        buffer.writeString(",\"timestamp\":\(timestamp ?? receivedAt)")
        if let metadata {
            buffer.writeString(",\"metadata\":")
            buffer.writeBytes(metadata)
        }
        buffer.writeString(",\"data\":")
        buffer.writeBytes(data.bytes)
        buffer.writeInteger(UInt8(ascii: "}"))
        return buffer
    }

    /// What the event says, for telling whether it has come twice.
    var contentHash: Int {
        var hasher = Hasher()
        hasher.combine(type)
        hasher.combine(symbol)
        hasher.combine(id)
        hasher.combine(timestamp)
        hasher.combine(isDelta)
        data.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// Whether both say the same of the same moment.
    func isSame(as other: Envelope) -> Bool {
        type == other.type && symbol == other.symbol && id == other.id && timestamp == other.timestamp && isDelta == other.isDelta
            && data.bytes == other.data.bytes
    }
}
