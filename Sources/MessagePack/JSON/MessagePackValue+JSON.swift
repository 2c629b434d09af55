import JSONScan

/// What becomes of values that JSON has no equal for.
public enum MessagePackJSONForm: Sendable {
    /// They are an error: binary data, extensions, infinite floats, keys that are not strings, strings that are not UTF-8.
    case exact
    /// What `JSON.stringify` makes of the value as notepack.io reads it: `undefined` and infinite floats are `null`, members that are
    /// `undefined` are left out, dates are ISO 8601 texts, other extensions are `[type, data]`, scalar keys become strings, and what is
    /// not UTF-8 becomes U+FFFD. Binary data is still the caller's to write.
    case javaScript
}

extension MessagePackValue {
    /// Appends the value as JSON text, without white space.
    ///
    /// Integers keep all their digits; floats have the shortest text that reads as the same double, and floats that are whole numbers up
    /// to 2^53 are written as integers.
    ///
    /// - Parameters:
    ///   - output: The text is appended to it. After an error it holds a beginning of it.
    ///   - form: What becomes of values that JSON has no equal for.
    ///   - binary: Writes binary data, which lies at a range of ``message``. Without it, it is an error.
    /// - Throws: ``MessagePackError`` of kind `notInJSON`; `tooDeep`, where the text would nest deeper than
    ///   `JSONScanner.maximumDepth`; and what `binary` throws.
    public func appendJSON(
        to output: inout [UInt8],
        form: MessagePackJSONForm = .exact,
        binary: ((Range<Int>, inout [UInt8]) throws(MessagePackError) -> Void)? = nil
    ) throws(MessagePackError) {
        var writer = MessagePackJSONWriter(reader: MessagePackReader(message.span, at: range.lowerBound), form: form, binary: binary)
        try writer.value(&output)
    }

    /// The value as JSON text.
    ///
    /// - Throws: ``MessagePackError`` of kind `notInJSON`.
    public func json(form: MessagePackJSONForm = .exact) throws(MessagePackError) -> [UInt8] {
        var output: [UInt8] = []
        try appendJSON(to: &output, form: form)
        return output
    }
}

/// One walk over a checked message.
private struct MessagePackJSONWriter: ~Escapable {
    var reader: MessagePackReader
    let form: MessagePackJSONForm
    let binary: ((Range<Int>, inout [UInt8]) throws(MessagePackError) -> Void)?
    private var depth = 0

    @_lifetime(copy reader)
    init(
        reader: consuming MessagePackReader,
        form: MessagePackJSONForm,
        binary: ((Range<Int>, inout [UInt8]) throws(MessagePackError) -> Void)?
    ) {
        self.reader = reader
        self.form = form
        self.binary = binary
    }

    mutating func value(_ output: inout [UInt8]) throws(MessagePackError) {
        let start = reader.position
        switch try reader.next() {
        case .nil: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .unsigned(let value): output.append(contentsOf: String(value).utf8)
        case .float(let value): try number(Double(value), start, &output)
        case .double(let value): try number(value, start, &output)
        case .string(let range): try string(range, &output)
        case .binary(let range): try data(range, start, &output)
        case .array(let count):
            try nest(at: start)
            output.append(UInt8(ascii: "["))
            for index in 0..<count {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try value(&output)
            }
            output.append(UInt8(ascii: "]"))
            depth -= 1
        case .map(let count):
            try nest(at: start)
            try members(count, &output)
            depth -= 1
        case .extension(let value): try `extension`(value, start, &output)
        }
    }

    /// What comes out is accepted by a scanner: an extension may be one level more in JSON than it was.
    private mutating func nest(at start: Int) throws(MessagePackError) {
        depth += 1
        guard depth <= JSONScanner.maximumDepth else { throw MessagePackError(.tooDeep, at: start) }
    }

    private mutating func members(_ count: Int, _ output: inout [UInt8]) throws(MessagePackError) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for _ in 0..<count {
            let undone = output.count
            if !isFirst { output.append(UInt8(ascii: ",")) }
            try key(&output)
            output.append(UInt8(ascii: ":"))
            let start = reader.position
            try value(&output)
            // JSON.stringify leaves out members that are undefined.
            if form == .javaScript, reader.position == start + 3, reader.isUndefined(at: start) {
                output.removeLast(output.count - undone)
            } else {
                isFirst = false
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func key(_ output: inout [UInt8]) throws(MessagePackError) {
        let start = reader.position
        let token = try reader.next()
        if case .string(let range) = token { return try string(range, &output) }
        guard form == .javaScript else { throw MessagePackError(.notInJSON, at: start) }
        switch token {
        case .nil: JSONString.append("null", to: &output)
        case .bool(let value): JSONString.append(value ? "true" : "false", to: &output)
        case .integer(let value): JSONString.append(String(value), to: &output)
        case .unsigned(let value): JSONString.append(String(value), to: &output)
        case .float(let value) where value.isFinite: JSONString.append(Self.text(Double(value)), to: &output)
        case .double(let value) where value.isFinite: JSONString.append(Self.text(value), to: &output)
        default: throw MessagePackError(.notInJSON, at: start)
        }
    }

    private func string(_ range: Range<Int>, _ output: inout [UInt8]) throws(MessagePackError) {
        let text = reader.text(range)
        if form == .exact, !reader.isText(range, text) { throw MessagePackError(.notInJSON, at: range.lowerBound) }
        JSONString.append(text, to: &output)
    }

    private func number(_ value: Double, _ start: Int, _ output: inout [UInt8]) throws(MessagePackError) {
        guard value.isFinite || form == .javaScript else { throw MessagePackError(.notInJSON, at: start) }
        output.append(contentsOf: (value.isFinite ? Self.text(value) : "null").utf8)
    }

    private static func text(_ value: Double) -> String {
        let isMinusZero = value == 0 && value.sign == .minus
        if !isMinusZero, value.magnitude <= 9_007_199_254_740_992, let integer = Int64(exactly: value) { return String(integer) }
        return "\(value)"
    }

    private func data(_ range: Range<Int>, _ start: Int, _ output: inout [UInt8]) throws(MessagePackError) {
        guard let binary else { throw MessagePackError(.notInJSON, at: start) }
        try binary(range, &output)
    }

    private mutating func `extension`(_ value: MessagePackExtension, _ start: Int, _ output: inout [UInt8]) throws(MessagePackError) {
        if value.isArrayBuffer { return try data(value.data, start, &output) }
        guard form == .javaScript else { throw MessagePackError(.notInJSON, at: start) }
        if value.isUndefined { return output.append(contentsOf: "null".utf8) }
        if let timestamp = value.timestamp(in: reader.bytes) {
            guard let text = timestamp.iso8601 else { return output.append(contentsOf: "null".utf8) }
            return JSONString.append(text, to: &output)
        }
        try nest(at: start)
        output.append(contentsOf: "[\(value.type),".utf8)
        try data(value.data, start, &output)
        output.append(UInt8(ascii: "]"))
        depth -= 1
    }
}

extension MessagePackReader {
    /// Whether the three bytes at `start` are notepack.io's `undefined`.
    fileprivate func isUndefined(at start: Int) -> Bool { bytes[start] == 0xD4 && bytes[start + 1] == 0 }

    /// Whether the bytes at `range` are `text` and not its repair.
    fileprivate func isText(_ range: Range<Int>, _ text: String) -> Bool {
        guard text.utf8.count == range.count else { return false }
        var index = range.lowerBound
        for unit in text.utf8 {
            guard bytes[index] == unit else { return false }
            index += 1
        }
        return true
    }
}
