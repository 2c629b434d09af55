/// The parameters of a URL's query (`application/x-www-form-urlencoded`, <https://url.spec.whatwg.org/#urlencoded-parsing>).
///
/// The first of a repeated name counts. At most ``maximumParameters`` are kept.
public struct EngineQuery: Hashable, Sendable {
    /// More parameters than this are ignored.
    public static let maximumParameters = 64

    /// Names and values, decoded, in the order of the query.
    public let parameters: [(name: String, value: String)]

    /// Reads a query without its question mark.
    public init(_ query: some StringProtocol) {
        self.init(Array(query.utf8))
    }

    /// Over an array: a generic that another module calls is not specialized, and was what the fuzzer spent its time in.
    private init(_ query: [UInt8]) {
        var parameters: [(name: String, value: String)] = []
        parameters.reserveCapacity(4)
        var start = 0
        while start < query.count, parameters.count < Self.maximumParameters {
            let end = query[start...].firstIndex(of: UInt8(ascii: "&")) ?? query.count
            if end > start {
                let equals = query[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
                parameters.append((Self.text(query[start..<equals]), Self.text(query[min(equals + 1, end)..<end])))
            }
            start = end + 1
        }
        self.parameters = parameters
    }

    /// The value of `name`; `nil` where it is absent, an empty string where it has no value.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func text(_ encoded: ArraySlice<UInt8>) -> String {
        let hasEscapes = encoded.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
        return String(decoding: hasEscapes ? decode(encoded)[...] : encoded, as: UTF8.self)
    }

    /// The bytes that `text` stands for, with its escapes resolved.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8] { decode(Array(text)[...]) }

    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if byte == UInt8(ascii: "+") {
                bytes.append(0x20)
            } else if byte == UInt8(ascii: "%"), text.endIndex - index > 2, let high = nibble(text[index + 1]),
                let low = nibble(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 2
            } else {
                bytes.append(byte)
            }
            index += 1
        }
        return bytes
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Whether both hold the same parameters in the same order.
    public static func == (left: Self, right: Self) -> Bool {
        left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }

    /// Hashes names and values.
    public func hash(into hasher: inout Hasher) {
        for (name, value) in parameters {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
