/// Looks at the member names of a JSON object before it is decoded.
///
/// JSON readers differ in which of two equal names they take, so a token with `{"exp": 1, "exp": 9}` could mean one thing here and another
/// elsewhere. Names with escapes are refused too: no issuer writes them, and they would hide a repeat.
enum MemberNames {
    /// Whether no name occurs twice at the top level, and none is escaped. Whether the text is JSON at all is left to the decoder.
    static func areUnique(in json: some Sequence<UInt8>) -> Bool {
        var seen: Set<[UInt8]> = []
        var name: [UInt8] = []
        var depth = 0
        var isInString = false
        var isInName = false
        var isEscaped = false
        var expectsName = false
        for byte in json {
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
                        guard seen.insert(name).inserted else { return false }
                    }
                } else if isInName {
                    name.append(byte)
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isInString = true
                isInName = expectsName
                expectsName = false
                name.removeAll(keepingCapacity: true)
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
