import GatewayDomain
import JSONScan
import NIOCore

/// An order book between its JSON and its value.
enum BookText {
    /// Levels of both sides, best first.
    typealias Levels = (bids: [OrderBook.Level], asks: [OrderBook.Level])

    /// The levels at `key`: `[[price, size], …]`, strings or numbers; what follows the size is left out. None where `key` is absent; `nil`
    /// where it is anything else.
    static func levels(_ key: String, in data: JSONObject) -> [OrderBook.Level]? {
        guard let raw = data.raw(key) else { return [] }
        let bytes = Array(raw)
        let text = bytes.span
        var scanner = JSONScanner(text)
        var levels: [OrderBook.Level]? = []
        do {
            try scanner.forEachElement { element in
                guard element.kind == .array, let level = level(text.extracting(element.range)) else { return levels = nil }
                levels?.append(level)
            }
        } catch { return nil }
        return levels
    }

    /// Where the levels at `key` end that lie beyond the first `depth`; `nil` where there are no more than that.
    static func end(of depth: Int, _ levels: Span<UInt8>) -> Int? {
        var scanner = JSONScanner(levels)
        var (count, end) = (0, 0)
        try? scanner.forEachElement { element in
            count += 1
            if count == depth { end = element.range.upperBound }
        }
        return count > depth ? end : nil
    }

    private static func level(_ text: Span<UInt8>) -> OrderBook.Level? {
        var scanner = JSONScanner(text)
        var parts: [(text: String, isNumber: Bool)] = []
        do {
            try scanner.forEachElement { part in
                switch part.kind {
                case .string: parts.append((JSONString.decode(text, part.range), false))
                case .number:
                    let number = text.extracting(part.range)
                    parts.append((String(decoding: (0..<number.count).map { number[$0] }, as: UTF8.self), true))
                default: parts.append(("", false))
                }
            }
        } catch { return nil }
        guard parts.count >= 2 else { return nil }
        return OrderBook.Level(price: parts[0].text, size: parts[1].text, isPriceNumber: parts[0].isNumber, isSizeNumber: parts[1].isNumber)
    }

    /// Appends `"bids":[…],"asks":[…]`.
    static func write(bids: [OrderBook.Level], asks: [OrderBook.Level], into buffer: inout ByteBuffer) {
        buffer.writeString("\"bids\":")
        write(bids, into: &buffer)
        buffer.writeString(",\"asks\":")
        write(asks, into: &buffer)
    }

    /// Appends `[…]`.
    static func write(_ levels: [OrderBook.Level], into buffer: inout ByteBuffer) {
        buffer.writeString("[")
        defer { buffer.writeString("]") }
        var isFirst = true
        for level in levels {
            buffer.writeString(isFirst ? "[" : ",[")
            isFirst = false
            // Both are decimal numbers, checked when they came in: nothing needs escaping.
            buffer.writeString(level.isPriceNumber ? level.price : "\"\(level.price)\"")
            buffer.writeString(level.isSizeNumber ? ",\(level.size)]" : ",\"\(level.size)\"]")
        }
    }
}
