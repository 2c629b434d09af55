import GatewayDomain
import JSONScan
import NIOCore

/// An order book between its JSON and its value.
enum BookText {
    /// Levels as a publisher wrote them, and whether as strings.
    struct Levels {
        var levels: [OrderBook.Level] = []
        var areStrings = true
    }

    /// The levels at `key`: `[[price, size], …]`, strings or numbers; what follows the size is left out. None where `key` is absent; `nil`
    /// where it is anything else.
    static func levels(_ key: String, in data: JSONObject) -> Levels? {
        guard let raw = data.raw(key) else { return Levels() }
        let bytes = Array(raw)
        let text = bytes.span
        var scanner = JSONScanner(text)
        var result: Levels? = Levels()
        do {
            try scanner.forEachElement { element in
                guard element.kind == .array, let level = level(text.extracting(element.range)) else { return result = nil }
                result?.levels.append(level.level)
                result?.areStrings = level.isString
            }
        } catch { return nil }
        return result
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

    private static func level(_ text: Span<UInt8>) -> (level: OrderBook.Level, isString: Bool)? {
        var scanner = JSONScanner(text)
        var parts: [String] = []
        var isString = true
        do {
            try scanner.forEachElement { part in
                switch part.kind {
                case .string: parts.append(JSONString.decode(text, part.range))
                case .number:
                    isString = false
                    let number = text.extracting(part.range)
                    parts.append(String(decoding: (0..<number.count).map { number[$0] }, as: UTF8.self))
                default: parts.append("")
                }
            }
        } catch { return nil }
        return parts.count >= 2 ? (OrderBook.Level(price: parts[0], size: parts[1]), isString) : nil
    }

    /// Appends `"bids":[…],"asks":[…]`.
    static func write(bids: [OrderBook.Level], asks: [OrderBook.Level], asStrings: Bool, into buffer: inout ByteBuffer) {
        buffer.writeString("\"bids\":[")
        write(bids, asStrings: asStrings, into: &buffer)
        buffer.writeString("],\"asks\":[")
        write(asks, asStrings: asStrings, into: &buffer)
        buffer.writeString("]")
    }

    private static func write(_ levels: [OrderBook.Level], asStrings: Bool, into buffer: inout ByteBuffer) {
        var isFirst = true
        for level in levels {
            buffer.writeString(isFirst ? "[" : ",[")
            isFirst = false
            // Both are decimal numbers, checked when they came in: nothing needs escaping.
            buffer.writeString(asStrings ? "\"\(level.price)\",\"\(level.size)\"]" : "\(level.price),\(level.size)]")
        }
    }
}
