/// The streams of a ``StreamsRedisDriver``: one, or several of which each namespace has one.
///
/// Source: `computeStreamName` and `hashCode` of
/// https://github.com/socketio/socket.io-redis-streams-adapter/blob/main/lib/adapter.ts
struct StreamNames {
    private let prefix: String
    private let count: Int

    init(_ prefix: String, count: Int) {
        precondition(count > 0, "there is at least one stream")
        self.prefix = prefix
        self.count = count
    }

    /// Those that are read. The reference writes to a stream of a negative number where the hash of a namespace is negative, which its own
    /// servers do not read.
    var all: [String] { count == 1 ? [prefix] : (1 - count..<count).map { "\(prefix)-\($0)" } }

    /// The one that is written to: for a negative hash one that servers of the reference read, which take all they find in a stream.
    func name(for namespace: String) -> String {
        count == 1 ? prefix : "\(prefix)-\(abs(Int(Self.hash(namespace)) % count))"
    }

    /// That of Java's strings.
    private static func hash(_ text: String) -> Int32 { text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) } }
}
