import JSONScan

/// Rooms as other servers name them. With Node and Python a number may be a room too; here it is what it was written as.
extension JSONObject {
    /// The room that the member `key` names; `nil` where there is none, or it is something else.
    package func roomName(_ key: String) -> String? { self[key].flatMap { roomName(at: $0) } }

    /// The rooms of the array at `key`; `nil` where there is none, or an element names no room.
    package func roomNames(_ key: String) -> [String]? { self[key].flatMap { roomNames(at: $0) } }

    /// The room that `value`, a value of this object, names.
    package func roomName(at value: JSONSlice) -> String? {
        switch value.kind {
        case .string: string(at: value)
        case .number: String(decoding: raw(at: value), as: UTF8.self)
        default: nil
        }
    }

    /// The rooms of the array that `value`, a value of this object, is.
    package func roomNames(at value: JSONSlice) -> [String]? {
        guard value.kind == .array else { return nil }
        let raw = raw(at: value)
        var scanner = JSONScanner(raw.span)
        var names: [String]? = []
        try? scanner.forEachElement { element in
            let start = raw.startIndex
            let range = (start + element.range.lowerBound)..<(start + element.range.upperBound)
            if let name = roomName(at: JSONSlice(range: range, kind: element.kind)) { names?.append(name) } else { names = nil }
        }
        return names
    }
}
