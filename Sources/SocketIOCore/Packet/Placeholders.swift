import JSONScan

/// The objects of a JSON text that stand for binary attachments: `{"_placeholder":true,"num":0}`, anywhere in it.
///
/// One walk over a text that a scanner has accepted, nested as deep as a scanner permits.
struct Placeholders {
    /// The attachment's number by the offset of the object's opening brace; `nil` where `num` is no whole number.
    private(set) var numbers: [Int: Int?] = [:]

    private enum Key {
        case placeholder, number, other
    }

    private struct Container {
        var start: Int
        var isObject: Bool
        var key: Key?
        var isPlaceholder = false
        var number: Int?
    }

    /// - Parameter json: A JSON value.
    init(_ json: Span<UInt8>) {
        var open: [Container] = []
        var index = 0
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                // The value of a key is a container: it is neither `true` nor a number.
                if let parent = open.indices.last { Self.set(nil, false, in: &open[parent]) }
                open.append(Container(start: index, isObject: json[index] == UInt8(ascii: "{")))
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if let closed = open.popLast(), closed.isPlaceholder { numbers[closed.start] = .some(closed.number) }
                index += 1
            case UInt8(ascii: "\""):
                let end = Self.endOfString(json, index)
                if let innermost = open.indices.last {
                    if open[innermost].isObject, open[innermost].key == nil {
                        open[innermost].key = Self.key(json, index..<end)
                    } else {
                        Self.set(nil, false, in: &open[innermost])
                    }
                }
                index = end
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: index += 1
            default:
                let start = index
                while index < json.count, !Self.endsScalar(json[index]) { index += 1 }
                if let innermost = open.indices.last {
                    let isTrue = json[start] == UInt8(ascii: "t")
                    Self.set(Self.number(json.extracting(start..<index)), isTrue, in: &open[innermost])
                }
            }
        }
    }

    /// Whether each stands for one of `count` attachments.
    func areWithin(_ count: Int) -> Bool {
        numbers.values.allSatisfy { $0.map { (0..<count).contains($0) } ?? false }
    }

    /// A value has come for the key that waits, the last one where a key is repeated.
    private static func set(_ number: Int?, _ isTrue: Bool, in container: inout Container) {
        switch container.key {
        case .placeholder: container.isPlaceholder = isTrue
        case .number: container.number = number
        case .other, nil: break
        }
        container.key = nil
    }

    private static func key(_ json: Span<UInt8>, _ range: Range<Int>) -> Key {
        if JSONString.equals(json, range, "_placeholder") { return .placeholder }
        return JSONString.equals(json, range, "num") ? .number : .other
    }

    private static func number(_ text: Span<UInt8>) -> Int? {
        guard text.count < 20 else { return nil }
        return Int(text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }

    private static func endOfString(_ json: Span<UInt8>, _ start: Int) -> Int {
        var index = start + 1
        while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x0A, 0x0D, 0x09: true
        default: false
        }
    }
}
