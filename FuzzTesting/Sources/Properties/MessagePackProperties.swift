import JSONScan
import MessagePack

/// What is accepted keeps its bounds, is accepted again where it was found, and survives the way over JSON.
func checkMessagePack(_ input: [UInt8]) throws {
    try checkText(input)
    guard let value = try? MessagePackValue(input, maximumBytes: 4_096) else { return }
    try require(value.range == 0..<input.count, "a value at \(value.range) of \(input.count) bytes")
    try checkParts(value, depth: 0)

    var json: [UInt8] = []
    // A key that is no scalar has no text.
    guard (try? value.appendJSON(to: &json, form: .javaScript) { range, output in output.append(contentsOf: "\(range.count)".utf8) }) != nil
    else { return }
    try checkRoundTrip(json)
    guard let exact = try? value.json() else { return }
    try require(exact == json, "exact JSON is another than JavaScript's")
}

private func checkParts(_ value: MessagePackValue, depth: Int) throws {
    try require(depth <= MessagePackReader.maximumDepth, "nested \(depth) deep")
    let again = try require(try? MessagePackValue(Array(value.raw)), "a part is refused by itself")
    try require(again.count == value.count && again.isNil == value.isNil, "a part is another value by itself")
    if let elements = value.elements {
        try require(elements.count == value.count, "\(elements.count) elements of \(value.count)")
        for (index, element) in elements.enumerated() where index < 4 {
            try require(value[index]?.range == element.range, "another element \(index)")
            try checkParts(element, depth: depth + 1)
        }
    }
    if let members = value.members {
        try require(members.count == value.count, "\(members.count) members of \(value.count)")
        for (key, member) in members.prefix(4) {
            // A key that was repaired is not found by its repair.
            if let name = key.string, !name.unicodeScalars.contains("\u{FFFD}") {
                try require(value[name] != nil, "the member \(name) is not found")
            }
            try checkParts(member, depth: depth + 1)
        }
    }
    if let timestamp = value.timestamp {
        var writer = MessagePackWriter()
        writer.write(timestamp)
        try require(try MessagePackValue(writer.bytes).timestamp == timestamp, "another timestamp than \(timestamp)")
    }
}

/// JSON that came of MessagePack, or from a publisher: what is written of it reads as the same value.
private func checkRoundTrip(_ json: [UInt8]) throws {
    var writer = MessagePackWriter()
    do { try writer.write(json: json.span, numbers: .nearest) } catch {
        throw PropertyViolation(description: "our own JSON is refused: \(error)")
    }
    let value = try require(try? MessagePackValue(writer.bytes), "our own MessagePack is refused")
    let again = try require(try? value.json(form: .javaScript), "what came of JSON is none any more")
    var second = MessagePackWriter()
    try second.write(json: again.span, numbers: .nearest)
    try require(try MessagePackValue(second.bytes).json(form: .javaScript) == again, "a second time is another value")
}

/// The input as JSON text.
private func checkText(_ input: [UInt8]) throws {
    guard String(validating: input, as: UTF8.self) != nil else { return }
    var scanner = JSONScanner(input.span)
    let isJSON = (try? scanner.value()) != nil && (try? scanner.end()) != nil
    var writer = MessagePackWriter()
    let isWritten = (try? writer.write(json: input.span, numbers: .nearest)) != nil
    try require(isJSON == isWritten, "JSON: \(isJSON), written: \(isWritten)")
    if isWritten { try checkRoundTrip(input) }
}
