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
        ByteBuffer(
            string: """
                0{"sid":"\(sid)","upgrades":[\(offersWebSocket ? "\"websocket\"" : "")],\
                "pingInterval":\(pingInterval.wholeNanoseconds / 1_000_000),\
                "pingTimeout":\(pingTimeout.wholeNanoseconds / 1_000_000)\(maxPayload.map { ",\"maxPayload\":\($0)" } ?? "")}
                """
        )
    }
}
