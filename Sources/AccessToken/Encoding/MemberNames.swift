/// Looks at the member names of a JSON object before it is decoded.
///
/// JSON readers differ in which of two equal names they take, so a token with `{"exp": 1, "exp": 9}` could mean one thing here and another
/// elsewhere. Names with escapes are refused too: no issuer writes them, and they would hide a repeat.
enum MemberNames {
    /// Whether no name occurs twice at the top level, and none is escaped. Whether the text is JSON at all is left to the decoder.
    static func areUnique(in json: [UInt8]) -> Bool {
        var seen = SeenNames()
        var start = 0
        var depth = 0
        var isInString = false
        var isInName = false
        var isEscaped = false
        var expectsName = false
        for (index, byte) in json.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    if isInName { return false }
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if isInName {
                        isInName = false
                        guard seen.insert(json[start..<index]) else { return false }
                    }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                isInName = expectsName
                expectsName = false
                start = index + 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                expectsName = depth == 1 && byte == UInt8(ascii: "{")
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                expectsName = false
            case UInt8(ascii: ","):
                expectsName = depth == 1
            default:
                break
            }
        }
        return true
    }
}

/// Names that have been met: a few are compared one by one, which costs no memory; more than a token ever has are hashed.
private struct SeenNames {
    private var few: [ArraySlice<UInt8>] = []
    private var many: Set<ArraySlice<UInt8>> = []

    /// `false` where the name has been met before.
    mutating func insert(_ name: ArraySlice<UInt8>) -> Bool {
        guard few.count == 24 else {
            guard !few.contains(name) else { return false }
            few.append(name)
            return true
        }
        return !few.contains(name) && many.insert(name).inserted
    }
}
