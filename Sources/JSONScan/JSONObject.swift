/// The members of one JSON object: its bytes and where each value lies. Values are decoded when asked for.
public struct JSONObject: Sendable {
    /// The text of the object.
    public let bytes: [UInt8]
    private let members: [Member]

    private struct Member: Sendable {
        var key: String
        var value: JSONSlice
    }

    /// Scans `bytes`, which must be one JSON object and nothing else but white space.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - maximumMembers: More members than this are refused as ``JSONScanError/Kind/tooDeep``: nothing legitimate has them.
    public init(_ bytes: [UInt8], maximumMembers: Int = 256) throws(JSONScanError) {
        var members: [Member] = []
        let span = bytes.span
        var scanner = JSONScanner(span)
        try scanner.forEachMember { key, value in
            if members.count <= maximumMembers { members.append(Member(key: JSONString.decode(span, key), value: value)) }
        }
        try scanner.end()
        guard members.count <= maximumMembers else { throw JSONScanError(.tooDeep, at: 0) }
        self.bytes = bytes
        self.members = members
    }

    /// Where the value of `key` lies; the last one counts where a key is repeated, as in JavaScript.
    public subscript(key: String) -> JSONSlice? { members.last { $0.key == key }?.value }

    /// The keys, in the order they were written.
    public var keys: [String] { members.map(\.key) }

    /// The string at `key`; `nil` where there is none or it is of another kind.
    public func string(_ key: String) -> String? {
        guard let slice = self[key], slice.kind == .string else { return nil }
        return JSONString.decode(bytes.span, slice.range)
    }

    /// The JSON text at `key`, as it was written.
    public func raw(_ key: String) -> ArraySlice<UInt8>? { self[key].map { bytes[$0.range] } }

    /// The integer at `key`; `nil` where there is none, or it has a fraction, an exponent, or does not fit.
    public func integer(_ key: String) -> Int64? {
        guard let slice = self[key], slice.kind == .number else { return nil }
        return Int64(String(decoding: bytes[slice.range], as: UTF8.self))
    }

    /// The boolean at `key`.
    public func bool(_ key: String) -> Bool? {
        switch self[key]?.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The strings of the array at `key`; `nil` where there is none or an element is not a string.
    public func strings(_ key: String) -> [String]? {
        guard let slice = self[key], slice.kind == .array else { return nil }
        let text = bytes.span.extracting(slice.range)
        var scanner = JSONScanner(text)
        var strings: [String]? = []
        try? scanner.forEachElement { element in
            if element.kind == .string { strings?.append(JSONString.decode(text, element.range)) } else { strings = nil }
        }
        return strings
    }
}
