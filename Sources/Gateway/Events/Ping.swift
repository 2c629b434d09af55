import JSONScan

/// `ping {}` → `pong {timestamp, serverTime}`; a `timestamp` in it comes back as `clientTimestamp`.
///
/// An ordinary event, beside the heartbeat of the transport.
struct Ping: ClientEvent {
    static let name = "ping"
    let now: @Sendable () -> Int64

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        let timestamp = now()
        var members = "\"timestamp\":\(timestamp),\"serverTime\":\"\(WallClock.iso8601(timestamp))\""
        if let sent = payload["timestamp"], sent.kind == .number || sent.kind == .string, sent.range.count <= 64,
            let text = payload.raw("timestamp")
        {
            members += ",\"clientTimestamp\":\(String(decoding: text, as: UTF8.self))"
        }
        call.confirm("pong", members: members)
    }
}
