import NIOCore
import NIOHTTP1

/// Reads the head of a request in the plain form in which every client asks for a WebSocket: `GET` of a path, HTTP/1.1, visible ASCII, no body
/// (RFC 9112, sections 3 and 5).
///
/// Of that form it takes nothing that the HTTP decoder would refuse or read in another way. What is of any other form it leaves to the decoder,
/// at the first line that shows it, so that the decoder alone decides what is good.
struct OpeningRequestReader {
    enum Outcome {
        /// The rest has not come yet.
        case incomplete
        /// The head, and how many bytes it took.
        case request(HTTPRequestHead, length: Int)
        /// A request for the HTTP decoder, good or not.
        case other
    }

    /// The longest head that is read, in bytes.
    static let maximumLength = 8192
    /// They say what follows the head, or ask for an answer before it: for the decoder.
    private static let refusedNames = ["content-length", "transfer-encoding", "expect"]

    private var position = 0
    private var lineStart = 0
    private var target: Range<Int>?
    private var fields: [(name: Range<Int>, value: Range<Int>)] = []

    /// Reads on. `text` is all that has come of the connection so far.
    mutating func read(_ text: ByteBuffer) -> Outcome { read(text.readableBytesUInt8Span) }

    private mutating func read(_ text: Span<UInt8>) -> Outcome {
        guard beginsWell(text) else { return .other }
        while position < text.count {
            switch text[position] {
            case 0x20...0x7E: position += 1
            case 0x0D:
                guard position + 1 < text.count else { return .incomplete }
                guard text[position + 1] == 0x0A else { return .other }
                let line = lineStart..<position
                position += 2
                lineStart = position
                if line.isEmpty { return head(text).map { .request($0, length: position) } ?? .other }
                guard position <= Self.maximumLength, take(line, text) else { return .other }
            default: return .other
            }
        }
        return position <= Self.maximumLength ? .incomplete : .other
    }

    /// Other requests are not kept waiting for the end of their line.
    private func beginsWell(_ text: Span<UInt8>) -> Bool {
        let method: StaticString = "GET /"
        guard position < method.utf8CodeUnitCount else { return true }
        for index in 0..<min(text.count, method.utf8CodeUnitCount) where text[index] != method.utf8Start[index] { return false }
        return true
    }

    private mutating func take(_ line: Range<Int>, _ text: Span<UInt8>) -> Bool {
        guard target != nil else {
            target = Self.target(line, text)
            return target != nil
        }
        guard let field = Self.field(line, text) else { return false }
        // As many as browsers send, so that the list is made once.
        if fields.isEmpty { fields.reserveCapacity(16) }
        fields.append(field)
        return true
    }

    private static func target(_ line: Range<Int>, _ text: Span<UInt8>) -> Range<Int>? {
        let version: StaticString = " HTTP/1.1"
        let start = line.lowerBound + 4
        let end = line.upperBound - version.utf8CodeUnitCount
        guard end > start else { return nil }
        for index in 0..<version.utf8CodeUnitCount where text[end + index] != version.utf8Start[index] { return nil }
        for index in start..<end where !isOfTarget(text[index]) { return nil }
        return start..<end
    }

    /// What may stand in the path and query of a URI (RFC 3986, section 3).
    private static func isOfTarget(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "&")...UInt8(ascii: ";"),
            UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "@"),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func field(_ line: Range<Int>, _ text: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
        var end = line.lowerBound
        while end < line.upperBound, text[end] != UInt8(ascii: ":") {
            guard HeaderText.isOfName(text[end]) else { return nil }
            end += 1
        }
        guard end > line.lowerBound, end < line.upperBound else { return nil }
        var start = end + 1
        while start < line.upperBound, text[start] == 0x20 { start += 1 }
        // Space at the end of a value is for the decoder to cut off.
        guard start < line.upperBound, text[line.upperBound - 1] != 0x20 else { return nil }
        return (line.lowerBound..<end, start..<line.upperBound)
    }

    private func head(_ text: Span<UInt8>) -> HTTPRequestHead? {
        guard let target else { return nil }
        var headers: [(String, String)] = []
        headers.reserveCapacity(fields.count)
        var hosts = 0
        for field in fields {
            let name = Self.string(field.name, text)
            if HeaderText.isSame(name, "host") { hosts += 1 }
            guard !Self.refusedNames.contains(where: { HeaderText.isSame(name, $0) }) else { return nil }
            headers.append((name, Self.string(field.value, text)))
        }
        // Others are refused.
        guard hosts == 1 else { return nil }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: Self.string(target, text), headers: HTTPHeaders(headers))
    }

    private static func string(_ range: Range<Int>, _ text: Span<UInt8>) -> String {
        // `unsafe`: the pointer is used within the closure only.
        text.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
