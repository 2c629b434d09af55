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
        guard target.hasPrefix(path) else { return nil }
        var rest = target.dropFirst(path.count)
        if !addsTrailingSlash, rest.first == "/" { rest = rest.dropFirst() }
        guard let first = rest.first else { return "" }
        return first == "?" ? rest.dropFirst() : nil
    }
}
