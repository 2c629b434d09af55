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
            // In one piece: each would cost as much as all of them.
            let (milliseconds, text) = (String(timestamp), WallClock.iso8601(timestamp))
            members.writeWithOutputRawSpan(minimumWritableBytes: 72) { output in
                output.append("\"timestamp\":")
                for digit in milliseconds.utf8 { output.append(digit) }
                output.append(",\"serverTime\":\"")
                for index in text.indices { output.append(text[index]) }
                output.append("\"")
            }
            guard let echoed else { return }
            members.writeStaticString(",\"clientTimestamp\":")
            members.writeBytes(echoed)
        }
    }
}

extension OutputRawSpan {
    fileprivate mutating func append(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { append(text.utf8Start[offset]) }
    }
}
