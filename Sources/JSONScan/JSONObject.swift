/// The members of one JSON object: its bytes and where each value lies. Values are decoded when asked for.
public struct JSONObject: Sendable {
    /// One member: where its key and its value lie, as indices of ``bytes``.
    public struct Member: Sendable {
        /// The key.
        public let key: JSONKey
        /// The value.
        public let value: JSONSlice
    }

    /// The text that the object is in.
    @usableFromInline let text: [UInt8]
    private let range: Range<Int>
    /// The members, in the order they were written.
    public let members: [Member]

    /// The text of the object. Its indices begin where the object does in the text that it was found in.
    public var bytes: ArraySlice<UInt8> { text[range] }

    /// The object without members, `{}`.
    public static let empty = JSONObject()

    private init() {
        text = Array("{}".utf8)
        range = 0..<2
        members = []
    }

    /// Scans `bytes`, which must be one JSON object and nothing else but white space.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - maximumMembers: More members than this are refused as ``JSONScanError/Kind/tooManyMembers``: nothing legitimate has them.
    public init(_ bytes: [UInt8], maximumMembers: Int = Self.maximumMembers) throws(JSONScanError) {
        let span = bytes.span
        var scanner = JSONScanner(span)
        var none: JSONObject?
        members = try Self.members(&scanner, of: bytes, atMost: maximumMembers, steppingInto: nil, &none)
        try scanner.end()
        text = bytes
        range = 0..<bytes.count
    }

    /// Scans the object at the scanner's position, and in the same pass the one that is its member `key`.
    ///
    /// - Parameters:
    ///   - scanner: A scanner of `text`.
    ///   - text: The whole text. It is shared, so it lives as long as the object.
    ///   - key: The member's key.
    ///   - inner: That member, where it is an object.
    public init(
        _ scanner: inout JSONScanner,
        of text: [UInt8],
        steppingInto key: StaticString,
        _ inner: inout JSONObject?
    ) throws(JSONScanError) {
        try self.init(&scanner, of: text, key: key, &inner)
    }

    private init(_ scanner: inout JSONScanner, of text: [UInt8], key: StaticString?, _ inner: inout JSONObject?) throws(JSONScanError) {
        _ = try scanner.nextKind()
        let start = scanner.position
        members = try Self.members(&scanner, of: text, atMost: Self.maximumMembers, steppingInto: key, &inner)
        self.text = text
        range = start..<scanner.position
    }

    /// The most members of an object, where nothing else is said.
    public static var maximumMembers: Int { 256 }

    private static func members(
        _ scanner: inout JSONScanner,
        of text: [UInt8],
        atMost maximum: Int,
        steppingInto steppedInto: StaticString?,
        _ inner: inout JSONObject?
    ) throws(JSONScanError) -> [Member] {
        var members: [Member] = []
        guard try scanner.enter(.object) else { return members }
        members.reserveCapacity(6)
        repeat {
            guard members.count < maximum else { throw JSONScanError(.tooManyMembers, at: scanner.position) }
            let key = try scanner.key()
            let value: JSONSlice
            if let steppedInto, JSONString.equals(scanner.bytes, key.range, steppedInto) {
                // The last one counts where a key is repeated.
                inner = nil
                if try scanner.nextKind() == .object {
                    var none: JSONObject?
                    let object = try JSONObject(&scanner, of: text, key: nil, &none)
                    value = JSONSlice(range: object.range, kind: .object)
                    inner = object
                } else {
                    value = try scanner.value()
                }
            } else {
                value = try scanner.value()
            }
            members.append(Member(key: key, value: value))
        } while try scanner.hasNext(in: .object)
        return members
    }

    /// Where the value of `key` lies, as indices of ``bytes``; the last one counts where a key is repeated, as in JavaScript.
    public subscript(key: String) -> JSONSlice? {
        var key = key
        // `unsafe`: the pointer is used within the closure only.
        return key.withUTF8 { wanted in members.last { isKey($0.key, wanted) }?.value }
    }

    private func isKey(_ key: JSONKey, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        guard key.isPlain else { return JSONString.decode(text.span, key.range).utf8.elementsEqual(wanted) }
        guard key.range.count - 2 == wanted.count else { return false }
        return wanted.indices.allSatisfy { text[key.range.lowerBound + 1 + $0] == wanted[$0] }
    }

    /// Whether a member's key is `name`.
    @inlinable
    public func isKey(_ key: JSONKey, _ name: StaticString) -> Bool {
        // Most keys are told apart by their lengths.
        if key.isPlain, key.range.count - 2 != name.utf8CodeUnitCount { return false }
        return JSONString.equals(text.span, key.range, name)
    }

    /// Whether a member's key is one of `names`.
    @inlinable
    public func isKey(_ key: JSONKey, oneOf names: [StaticString]) -> Bool {
        names.contains { isKey(key, $0) }
    }

    /// The keys, in the order they were written.
    public var keys: [String] { members.map { JSONString.decode(text.span, $0.key.range) } }

    /// The string at `key`; `nil` where there is none or it is of another kind.
    public func string(_ key: String) -> String? {
        self[key].flatMap { string(at: $0) }
    }

    /// The string that `value` is, a value of this object; `nil` where it is of another kind.
    public func string(at value: JSONSlice) -> String? {
        value.kind == .string ? JSONString.decode(text.span, value.range) : nil
    }

    /// The JSON text at `key`, as it was written.
    public func raw(_ key: String) -> ArraySlice<UInt8>? { self[key].map { raw(at: $0) } }

    /// The JSON text of `value`, a value of this object, as it was written.
    public func raw(at value: JSONSlice) -> ArraySlice<UInt8> { text[value.range] }

    /// The integer at `key`; `nil` where there is none, or it has a fraction, an exponent, or does not fit.
    public func integer(_ key: String) -> Int64? {
        self[key].flatMap { integer(at: $0) }
    }

    /// The integer that `value` is, a value of this object; `nil` as of ``integer(_:)``.
    public func integer(at value: JSONSlice) -> Int64? {
        value.kind == .number ? Int64(String(decoding: text[value.range], as: UTF8.self)) : nil
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
        let text = text.span.extracting(slice.range)
        var scanner = JSONScanner(text)
        var strings: [String]? = []
        try? scanner.forEachElement { element in
            if element.kind == .string { strings?.append(JSONString.decode(text, element.range)) } else { strings = nil }
        }
        return strings
    }
}
