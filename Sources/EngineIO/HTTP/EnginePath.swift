/// Which targets are for the Engine.IO server.
struct EnginePath: Sendable {
    private let path: String
    private let addsTrailingSlash: Bool

    init(_ path: String, addsTrailingSlash: Bool) {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = addsTrailingSlash ? path + "/" : path
        self.addsTrailingSlash = addsTrailingSlash
    }

    /// The query of a target with this path, empty where it has none; `nil` for any other.
    func query(of target: String) -> Substring? {
        // By bytes: finding the characters of a text takes longer than all the rest of a request.
        guard target.utf8.starts(with: path.utf8) else { return nil }
        var rest = target.utf8.dropFirst(path.utf8.count)
        if !addsTrailingSlash, rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        guard let first = rest.first else { return "" }
        return first == UInt8(ascii: "?") ? Substring(rest.dropFirst()) : nil
    }
}
