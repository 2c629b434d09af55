/// Finds where JSON values begin and end, without building them (RFC 8259).
///
/// Routing needs a handful of fields out of a message; the rest is passed on as the bytes that came in, so that a number keeps every
/// digit its author wrote. The scanner validates what it skips: what it accepts can be spliced into another JSON text as it is.
/// Memory is constant, nesting is bounded by ``maximumDepth``, time is linear. UTF-8 is the caller's to check.
public struct JSONScanner: ~Escapable {
    /// The deepest nesting that is accepted, in levels.
    public static var maximumDepth: Int { 64 }

    let bytes: Span<UInt8>
    /// The offset of the next byte to look at.
    public private(set) var position: Int
    /// How many containers have been entered and not been left.
    private var depth = 0

    /// A scanner at the first byte of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
        self.position = 0
    }

    /// Skips white space, one value, and says where it was and of what kind.
    public mutating func value() throws(JSONScanError) -> JSONSlice {
        skipWhitespace()
        let start = position
        let kind = try peekKind()
        switch kind {
        case .object, .array: try skipContainer()
        case .string: try skipString()
        case .number: try skipNumber()
        case .true: try skipLiteral("true")
        case .false: try skipLiteral("false")
        case .null: try skipLiteral("null")
        }
        return JSONSlice(range: start..<position, kind: kind)
    }

    /// Skips trailing white space and demands the end of the text.
    public mutating func end() throws(JSONScanError) {
        skipWhitespace()
        guard position == bytes.count else { throw JSONScanError(.unexpectedByte, at: position) }
    }

    /// Calls `body` with each element of the array that begins at the current position.
    public mutating func forEachElement(_ body: (JSONSlice) -> Void) throws(JSONScanError) {
        skipWhitespace()
        try expect(UInt8(ascii: "["))
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            body(try value())
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return }
            try expect(UInt8(ascii: ","))
        }
    }

    /// Calls `body` with each member of the object that begins at the current position. The key's range includes its quotes.
    public mutating func forEachMember(_ body: (_ key: Range<Int>, _ value: JSONSlice) -> Void) throws(JSONScanError) {
        skipWhitespace()
        try expect(UInt8(ascii: "{"))
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            let key = try key().range
            body(key, try value())
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return }
            try expect(UInt8(ascii: ","))
        }
    }

    // MARK: Step by step

    /// Steps into the container at the current position, so that what is in it can be looked at piece by piece: in an array ``value()``, in an
    /// object ``key()`` and ``value()``, and after each ``hasNext(in:)``. The scanner may also step into what it finds there.
    ///
    /// - Parameter kind: `object` or `array`.
    /// - Returns: Whether there is anything in it; where not, it has been left again.
    public mutating func enter(_ kind: JSONKind) throws(JSONScanError) -> Bool {
        skipWhitespace()
        try expect(kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        guard depth < Self.maximumDepth else { throw JSONScanError(.tooDeep, at: position - 1) }
        skipWhitespace()
        if take(kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return false }
        depth += 1
        return true
    }

    /// Reads a key and the colon behind it.
    public mutating func key() throws(JSONScanError) -> JSONKey {
        skipWhitespace()
        let start = position
        let isPlain = try skipString()
        let key = JSONKey(range: start..<position, isPlain: isPlain)
        skipWhitespace()
        try expect(UInt8(ascii: ":"))
        return key
    }

    /// Behind a value in the container entered last: whether another follows. Where not, the container has been left.
    public mutating func hasNext(in kind: JSONKind) throws(JSONScanError) -> Bool {
        skipWhitespace()
        if take(UInt8(ascii: ",")) { return true }
        try expect(kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        depth -= 1
        return false
    }

    /// Skips white space and says what kind of value begins here.
    public mutating func nextKind() throws(JSONScanError) -> JSONKind {
        skipWhitespace()
        return try peekKind()
    }

    private func peekKind() throws(JSONScanError) -> JSONKind {
        guard position < bytes.count else { throw JSONScanError(.unexpectedEnd, at: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"): return .true
        case UInt8(ascii: "f"): return .false
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw JSONScanError(.unexpectedByte, at: position)
        }
    }

    /// Walks a container without recursion: one bit a level says whether it is an object.
    private mutating func skipContainer() throws(JSONScanError) {
        var objects: UInt64 = 0
        var depth = 0
        let maximum = Self.maximumDepth - self.depth
        repeat {
            skipWhitespace()
            switch try peekKind() {
            case .object:
                guard depth < maximum else { throw JSONScanError(.tooDeep, at: position) }
                position += 1
                objects = objects << 1 | 1
                depth += 1
                skipWhitespace()
                if !take(UInt8(ascii: "}")) {
                    try skipKey()
                    continue
                }
                objects >>= 1
                depth -= 1
            case .array:
                guard depth < maximum else { throw JSONScanError(.tooDeep, at: position) }
                position += 1
                objects = objects << 1
                depth += 1
                skipWhitespace()
                if !take(UInt8(ascii: "]")) { continue }
                objects >>= 1
                depth -= 1
            case .string: try skipString()
            case .number: try skipNumber()
            case .true: try skipLiteral("true")
            case .false: try skipLiteral("false")
            case .null: try skipLiteral("null")
            }
            // A value has ended: close what ends with it, or go on to the next.
            while depth > 0 {
                skipWhitespace()
                let isObject = objects & 1 == 1
                if take(UInt8(ascii: ",")) {
                    if isObject {
                        skipWhitespace()
                        try skipKey()
                    }
                    break
                }
                try expect(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                objects >>= 1
                depth -= 1
            }
        } while depth > 0
    }

    private mutating func skipKey() throws(JSONScanError) {
        try skipString()
        skipWhitespace()
        try expect(UInt8(ascii: ":"))
    }

    /// Returns whether the string is without escapes.
    @discardableResult
    private mutating func skipString() throws(JSONScanError) -> Bool {
        try expect(UInt8(ascii: "\""))
        var isPlain = true
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return isPlain }
            if byte < 0x20 { throw JSONScanError(.unexpectedByte, at: position - 1) }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try skipEscape()
            }
        }
        throw JSONScanError(.unexpectedEnd, at: position)
    }

    private mutating func skipEscape() throws(JSONScanError) {
        guard position < bytes.count else { throw JSONScanError(.unexpectedEnd, at: position) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard position < bytes.count else { throw JSONScanError(.unexpectedEnd, at: position) }
                guard hexDigit(bytes[position]) != nil else { throw JSONScanError(.unexpectedByte, at: position) }
                position += 1
            }
        default:
            throw JSONScanError(.unexpectedByte, at: position - 1)
        }
    }

    private mutating func skipNumber() throws(JSONScanError) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try skipDigits() }
        if take(UInt8(ascii: ".")) { try skipDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONScanError) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
        guard position > start else {
            throw JSONScanError(position < bytes.count ? .unexpectedByte : .unexpectedEnd, at: position)
        }
    }

    private mutating func skipLiteral(_ literal: StaticString) throws(JSONScanError) {
        for offset in 0..<literal.utf8CodeUnitCount {
            guard position < bytes.count else { throw JSONScanError(.unexpectedEnd, at: position) }
            guard bytes[position] == literal.utf8Start[offset] else { throw JSONScanError(.unexpectedByte, at: position) }
            position += 1
        }
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONScanError) {
        guard position < bytes.count else { throw JSONScanError(.unexpectedEnd, at: position) }
        guard bytes[position] == byte else { throw JSONScanError(.unexpectedByte, at: position) }
        position += 1
    }
}
