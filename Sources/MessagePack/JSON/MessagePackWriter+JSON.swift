import JSONScan

/// What becomes of a JSON number that MessagePack cannot hold to the last digit: one that neither an integer of 64 bits nor a double is.
public enum JSONNumberRule: Sendable {
    /// It is an error.
    case exact
    /// It becomes the nearest double, infinity included: what JavaScript makes of it.
    case nearest
}

extension MessagePackWriter {
    /// Appends the value of a JSON text: what JavaScript would write for `JSON.parse(text)`, but integers keep 64 bits.
    ///
    /// What is lost: how a number was written (`1.50` becomes 1.5, `1e2` becomes 100.0), white space, and lone surrogate escapes, which
    /// become U+FFFD. Repeated keys are kept. The text must be UTF-8, as for `JSONScanner`; nests at most
    /// `JSONScanner.maximumDepth` deep. Time is linear, and the memory used is 8 bytes for each array and object.
    ///
    /// - Parameters:
    ///   - json: One JSON value, white space around it permitted.
    ///   - numbers: What becomes of a number that does not fit.
    ///   - replacement: Binary data to write in place of the object that lies at a range, or `nil` to write the object.
    /// - Throws: ``MessagePackError`` of kind `malformedJSON`, `tooDeep` or `numberNotKept`, with an offset in `json`; then nothing is
    ///   appended.
    public mutating func write(
        json: Span<UInt8>,
        numbers: JSONNumberRule = .exact,
        replacing replacement: ((Range<Int>) throws(MessagePackError) -> ArraySlice<UInt8>?)? = nil
    ) throws(MessagePackError) {
        let slice: JSONSlice
        do {
            var scanner = JSONScanner(json)
            slice = try scanner.value()
            try scanner.end()
        } catch {
            throw MessagePackError(error.kind == .tooDeep ? .tooDeep : .malformedJSON, at: error.offset)
        }
        guard json.count <= Int(UInt32.max) else { throw MessagePackError(.tooLong, at: Int(UInt32.max)) }
        let shape = JSONShape(json, slice.range.lowerBound, slice.range.upperBound)
        let before = self
        do {
            try append(json, slice.range, shape, numbers, replacement)
        } catch {
            self = before
            throw error
        }
    }

    /// Walks over tokens: containers need no stack, as their heads say how many values follow.
    private mutating func append(
        _ json: Span<UInt8>,
        _ range: Range<Int>,
        _ shape: JSONShape,
        _ numbers: JSONNumberRule,
        _ replacement: ((Range<Int>) throws(MessagePackError) -> ArraySlice<UInt8>?)?
    ) throws(MessagePackError) {
        var index = range.lowerBound
        var container = 0
        while index < range.upperBound {
            switch json[index] {
            case UInt8(ascii: "{"):
                let head = shape.containers[container]
                container += 1
                if let replacement, let data = try replacement(index..<Int(head.end)) {
                    writeBinary(data)
                    // Containers inside the object are left out with it.
                    while container < shape.containers.count, shape.containers[container].end < head.end { container += 1 }
                    index = Int(head.end)
                } else {
                    writeMapHeader(count: Int(head.count))
                    index += 1
                }
            case UInt8(ascii: "["):
                writeArrayHeader(count: Int(shape.containers[container].count))
                container += 1
                index += 1
            case UInt8(ascii: "\""):
                let end = JSONShape.endOfString(json, index)
                write(JSONString.decode(json, index..<end))
                index = end
            case UInt8(ascii: "t"):
                write(true)
                index += 4
            case UInt8(ascii: "f"):
                write(false)
                index += 5
            case UInt8(ascii: "n"):
                writeNil()
                index += 4
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = index
                while index < range.upperBound, Self.isInNumber(json[index]) { index += 1 }
                try append(number: json.extracting(start..<index), numbers, at: start)
            default: index += 1
            }
        }
    }

    private mutating func append(number: Span<UInt8>, _ rule: JSONNumberRule, at offset: Int) throws(MessagePackError) {
        let text = number.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        let value = JSONNumber(text)
        guard rule == .nearest || value.isExact(text) else { throw MessagePackError(.numberNotKept, at: offset) }
        switch value {
        case .integer(let value): write(value)
        case .unsigned(let value): write(value)
        case .double(let value): write(value)
        }
    }

    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
            UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
