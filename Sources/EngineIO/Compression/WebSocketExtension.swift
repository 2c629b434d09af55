/// A parameter of a WebSocket extension.
struct ExtensionParameter: Equatable {
    let name: String
    let value: String?
}

/// One element of `Sec-WebSocket-Extensions` (RFC 6455, section 9.1).
struct WebSocketExtension: Equatable {
    let name: String
    let parameters: [ExtensionParameter]

    /// The elements of one header value. Names are in lower case; the quotes of values are gone.
    static func parse(_ value: String) -> [WebSocketExtension] {
        split(value[...], at: ",").compactMap { element in
            let parts = split(element, at: ";").map(trimmed)
            guard let name = parts.first, !name.isEmpty else { return nil }
            return WebSocketExtension(name: name.lowercased(), parameters: parts.dropFirst().map(parameter))
        }
    }

    private static func parameter(_ text: Substring) -> ExtensionParameter {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
        guard parts.count == 2 else { return ExtensionParameter(name: text.lowercased(), value: nil) }
        var value = parts[1]
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return ExtensionParameter(name: parts[0].lowercased(), value: String(value))
    }

    /// Splits where `separator` does not stand within quotes.
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
