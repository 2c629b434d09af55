import Foundation
import JSONScan

/// What the scanner accepts is JSON to others too, and stays what it is inside another JSON text.
func checkJSON(_ input: [UInt8]) throws {
    try checkObject(input)
    guard let slice = scan(input), String(validating: input, as: UTF8.self) != nil else { return }
    let value = Array(input[slice.range])
    try require(scan(value) == JSONSlice(range: 0..<value.count, kind: slice.kind), "the slice does not hold the value alone")

    let array = Array("[0,".utf8) + value + Array(",{}]".utf8)
    try require(elements(array)?.map(\.kind) == [.number, slice.kind, .object], "not accepted inside an array")
    let member = Array("{\"a\":1,\"k\":".utf8) + value + Array("}".utf8)
    // One level deeper, it may be too deep: the members of an object are accepted where the whole is.
    let object = try? JSONObject(member)
    try require((object != nil) == (scan(member) != nil), "accepted inside an object otherwise than as a whole")
    if let object { try require(object.raw("k").map(Array.init) == value, "another value inside an object") }
    try checkFoundation(value, slice.kind)
}

private func checkFoundation(_ value: [UInt8], _ kind: JSONKind) throws {
    // Foundation refuses lone surrogates, which JSON permits (RFC 8259, section 8.2).
    guard !hasSurrogateEscape(value) else { return }
    let theirs: Any
    do {
        theirs = try JSONSerialization.jsonObject(with: Data(value), options: .fragmentsAllowed)
    } catch {
        // It also refuses numbers that no Double can hold; JSON sets no limit (section 6).
        guard String(reflecting: error).contains("not representable") else {
            throw PropertyViolation(description: "Foundation refuses it: \(error)")
        }
        return
    }
    guard kind == .string else { return }
    let ours = JSONString.decode(value.span, 0..<value.count)
    let text = try require(theirs as? String, "no string to Foundation")
    try require(isSame(ours, text), "another string to Foundation: \(ours), \(text)")
    let literal = Array(JSONString.literal(ours).utf8)
    try require(scan(literal)?.kind == .string, "a written literal is refused")
    try require(isSame(JSONString.decode(literal.span, 0..<literal.count), ours), "a written literal reads differently")
}

private func checkObject(_ input: [UInt8]) throws {
    guard let object = try? JSONObject(input) else { return }
    try require(scan(input)?.kind == .object, "not accepted as a value")
    // Of what is no UTF-8, which is the caller's to check, keys are not found again by their names.
    guard String(validating: input, as: UTF8.self) != nil else { return }
    for key in object.keys {
        let slice = try require(object[key], "no value for \(key)")
        let raw = try require(object.raw(key), "no bytes for \(key)")
        try require(scan(Array(raw))?.kind == slice.kind, "the bytes of \(key) are another value")
        try require((object.string(key) != nil) == (slice.kind == .string), "string(\(key))")
        try require((object.bool(key) != nil) == (slice.kind == .true || slice.kind == .false), "bool(\(key))")
        if let strings = object.strings(key) {
            try require(elements(Array(raw))?.count == strings.count, "strings(\(key)) loses some")
        }
        if let integer = object.integer(key) {
            try require(slice.kind == .number && Int64(String(decoding: raw, as: UTF8.self)) == integer, "integer(\(key))")
        }
    }
}

func scan(_ bytes: [UInt8]) -> JSONSlice? {
    var scanner = JSONScanner(bytes.span)
    guard let slice = try? scanner.value(), (try? scanner.end()) != nil else { return nil }
    return slice
}

func elements(_ bytes: [UInt8]) -> [JSONSlice]? {
    var scanner = JSONScanner(bytes.span)
    var slices: [JSONSlice] = []
    guard (try? scanner.forEachElement { slices.append($0) }) != nil, (try? scanner.end()) != nil else { return nil }
    return slices
}

private func hasSurrogateEscape(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    return ["8", "9", "a", "b", "c", "d", "e", "f"].contains { text.contains("\\ud\($0)") }
}
