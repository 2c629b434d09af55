public import NIOCore
public import RESP

/// An entry of a stream.
public struct RedisStreamEntry: Hashable, Sendable {
    /// A member of an entry.
    public struct Field: Hashable, Sendable {
        /// Its name; names may come more than once.
        public let name: String
        /// Its value.
        public let value: ByteBuffer
    }

    /// The stream.
    public let stream: String
    /// Where it is in the stream: `<milliseconds>-<number>`.
    public let id: String
    /// What it holds, in the order it was written.
    public let fields: [Field]

    /// The value of the first field with this name.
    public subscript(name: String) -> ByteBuffer? { fields.first { $0.name == name }?.value }

    /// Reads one entry of an answer to `XREAD` or `XRANGE`; `nil` where it is none.
    public init?(stream: String, _ value: RESPValue) {
        guard let parts = value.array, parts.count == 2, let id = parts[0].string else { return nil }
        // Nothing in place of fields: the entry was deleted.
        let members = parts[1].array ?? []
        self.stream = stream
        self.id = id
        self.fields = stride(from: 0, to: members.count - members.count % 2, by: 2).compactMap { index in
            guard let name = members[index].string, let value = members[index + 1].buffer else { return nil }
            return Field(name: name, value: value)
        }
    }

    /// Reads the answer to `XREAD`: a map in version 3, pairs in version 2, nothing where nothing came.
    static func all(in reply: RESPValue) -> [RedisStreamEntry]? {
        if reply.isNull { return [] }
        var streams: [(String, [RESPValue])] = []
        switch reply {
        case .map(let pairs): streams = pairs.compactMap { pair in pair.key.string.flatMap { name in pair.value.array.map { (name, $0) } } }
        case .array(let elements):
            streams = elements.compactMap { element in
                guard let parts = element.array, parts.count == 2, let name = parts[0].string, let entries = parts[1].array else {
                    return nil
                }
                return (name, entries)
            }
        default: return nil
        }
        return streams.flatMap { name, entries in entries.compactMap { RedisStreamEntry(stream: name, $0) } }
    }
}

/// Entries of a stream that were trimmed, or lost, before they were read.
public struct RedisStreamGap: Hashable, Sendable {
    /// The stream.
    public let stream: String
    /// The last entry that was read.
    public let after: String
    /// The next one that there is.
    public let before: String
}
