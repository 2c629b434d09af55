public import NIOCore

/// The first packet of a session, `0{…}`: what the client must know of it.
public enum OpenPacket {
    /// Encodes the packet, type byte included. Times are milliseconds, `maxPayload` is bytes; protocol 3 has none of it.
    public static func encode(
        sid: SessionID,
        offersWebSocket: Bool,
        pingInterval: Duration,
        pingTimeout: Duration,
        maxPayload: Int?
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: capacity)
        write(
            sid: sid,
            offersWebSocket: offersWebSocket,
            pingInterval: pingInterval,
            pingTimeout: pingTimeout,
            maxPayload: maxPayload,
            into: &buffer
        )
        return buffer
    }

    /// About how many bytes it takes.
    public static var capacity: Int { 128 }

    /// Appends the packet, as ``encode(sid:offersWebSocket:pingInterval:pingTimeout:maxPayload:)`` makes it.
    public static func write(
        sid: SessionID,
        offersWebSocket: Bool,
        pingInterval: Duration,
        pingTimeout: Duration,
        maxPayload: Int?,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString("0{\"sid\":\"")
        sid.write(into: &buffer)
        buffer.writeStaticString("\",\"upgrades\":[")
        if offersWebSocket { buffer.writeStaticString("\"websocket\"") }
        buffer.writeStaticString("],\"pingInterval\":")
        buffer.writeString(String(pingInterval.wholeNanoseconds / 1_000_000))
        buffer.writeStaticString(",\"pingTimeout\":")
        buffer.writeString(String(pingTimeout.wholeNanoseconds / 1_000_000))
        if let maxPayload {
            buffer.writeStaticString(",\"maxPayload\":")
            buffer.writeString(String(maxPayload))
        }
        buffer.writeStaticString("}")
    }
}
