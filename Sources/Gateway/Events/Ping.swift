import JSONScan
import NIOCore

/// `ping {}` → `pong {timestamp, serverTime}`; a `timestamp` in it comes back as `clientTimestamp`.
///
/// An ordinary event, beside the heartbeat of the transport.
struct Ping: ClientEvent {
    static let name = "ping"
    let now: @Sendable () -> Int64

    func handle(_ call: ClientCall) throws(GatewayError) {
        let payload = try call.payload()
        let timestamp = now()
        var echoed: ArraySlice<UInt8>?
        if let sent = payload["timestamp"], sent.kind == .number || sent.kind == .string, sent.range.count <= 64 {
            echoed = payload.raw("timestamp")
        }
        call.confirm("pong", capacity: 72 + (echoed.map { $0.count + 19 } ?? 0)) { members in
            members.writeStaticString("\"timestamp\":")
            members.writeString(String(timestamp))
            members.writeStaticString(",\"serverTime\":\"")
            members.writeBytes(WallClock.iso8601(timestamp).span.bytes)
            members.writeStaticString("\"")
            guard let echoed else { return }
            members.writeStaticString(",\"clientTimestamp\":")
            members.writeBytes(echoed)
        }
    }
}
