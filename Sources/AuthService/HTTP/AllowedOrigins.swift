/// The origins whose pages may call a service from a browser: a value that answers for one origin at a time.
public struct AllowedOrigins: Hashable, Sendable {
    private var exact: Set<String> = []
    private var prefixesOfAnyPort: Set<String> = []

    /// Pages served from this machine, on any port and scheme: what `moonx up` permits.
    public static let localhost = AllowedOrigins([
        "http://localhost:*", "https://localhost:*", "http://127.0.0.1:*", "https://127.0.0.1:*", "http://[::1]:*", "https://[::1]:*",
    ])

    /// Origins such as `https://app.example.com` or, for any port and none, `http://localhost:*`. The case of letters does not matter.
    public init(_ origins: some Sequence<String> = []) {
        for origin in origins {
            let origin = origin.lowercased()
            if origin.hasSuffix(":*") {
                prefixesOfAnyPort.insert(String(origin.dropLast(2)))
            } else {
                exact.insert(origin)
            }
        }
    }

    /// Whether nothing is permitted.
    public var isEmpty: Bool { exact.isEmpty && prefixesOfAnyPort.isEmpty }

    /// Whether pages of this origin may call; never those of the opaque origin `null`.
    public func allows(_ origin: String) -> Bool {
        let origin = origin.lowercased()
        guard origin != "null" else { return false }
        if exact.contains(origin) || prefixesOfAnyPort.contains(origin) { return true }
        guard let colon = origin.lastIndex(of: ":") else { return false }
        let port = origin[origin.index(after: colon)...].utf8
        let isPort = (1...5).contains(port.count) && port.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isPort && prefixesOfAnyPort.contains(String(origin[..<colon]))
    }
}
