public import NIOCore

/// Polling of protocol 3 by way of script elements and forms, for browsers without cross-origin requests (engine.io-protocol, `v3.md`,
/// "JSONP").
public enum JSONP {
    /// The script that hands `payload`, which is UTF-8, to the client's callback: `___eio[<index>]("…");`.
    ///
    /// - Parameters:
    ///   - index: The `j` of the query.
    ///   - payload: What the poll is answered with.
    public static func script(index: UInt32, payload: ByteBuffer) -> ByteBuffer {
        var script = ByteBufferAllocator().buffer(capacity: payload.readableBytes + payload.readableBytes / 8 + 24)
        script.writeString("___eio[\(index)](\"")
        escape(payload, into: &script)
        script.writeStaticString("\");")
        return script
    }

    /// The index that a `j` names: its digits, as the reference server reads it. At most nine of them, so that nobody can have the server
    /// write a script of their choice.
    public static func index(_ parameter: String) -> UInt32 {
        UInt32(String(decoding: parameter.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.prefix(9), as: UTF8.self))
            ?? 0
    }

    /// As `JSON.stringify`, and the two separators that JavaScript before 2019 takes for ends of lines in a string.
    private static func escape(_ text: ByteBuffer, into script: inout ByteBuffer) {
        let bytes = text.readableBytesUInt8Span
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count + bytes.count / 8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): escaped += "\\\"".utf8
            case UInt8(ascii: "\\"): escaped += "\\\\".utf8
            case 0x08: escaped += "\\b".utf8
            case 0x09: escaped += "\\t".utf8
            case 0x0A: escaped += "\\n".utf8
            case 0x0C: escaped += "\\f".utf8
            case 0x0D: escaped += "\\r".utf8
            case ..<0x20: escaped += ((byte < 16 ? "\\u000" : "\\u00") + String(byte, radix: 16)).utf8
            case 0xE2 where index + 1 < bytes.count && bytes[index] == 0x80 && bytes[index + 1] & 0xFE == 0xA8:
                escaped += (bytes[index + 1] == 0xA8 ? "\\u2028" : "\\u2029").utf8
                index += 2
            default: escaped.append(byte)
            }
        }
        script.writeBytes(escaped)
    }

    /// The payload in the field `d` of a form (`application/x-www-form-urlencoded`); `nil` where there is no such field.
    ///
    /// Browsers change line feeds in forms, so clients write `\n` for one, and `\\n` for a backslash before an `n`.
    public static func payload(ofForm body: ByteBuffer) -> ByteBuffer? {
        var rest = body.readableBytesView[...]
        while !rest.isEmpty {
            let field = rest.prefix { $0 != UInt8(ascii: "&") }
            if field.starts(with: "d=".utf8) { return unescape(EngineQuery.decode(field.dropFirst(2))) }
            rest = rest.dropFirst(field.count + 1)
        }
        return nil
    }

    private static func unescape(_ text: [UInt8]) -> ByteBuffer {
        let backslash = UInt8(ascii: "\\")
        var payload: [UInt8] = []
        payload.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == backslash, rest.first == UInt8(ascii: "n") {
                rest.removeFirst()
                payload.append(UInt8(ascii: "\n"))
            } else if byte == backslash, rest.starts(with: "\\n".utf8) {
                rest.removeFirst(2)
                payload += "\\n".utf8
            } else {
                payload.append(byte)
            }
        }
        return ByteBuffer(bytes: payload)
    }
}
