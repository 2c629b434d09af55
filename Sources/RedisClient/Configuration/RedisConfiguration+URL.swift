extension RedisConfiguration {
    /// Reads the settings of a URL: `redis://user:password@host:6379/0`, or `rediss://…` with encryption.
    ///
    /// Several servers are separated by commas. `%` escapes are undone in user and password. Behind `?`: `cluster=true|false`,
    /// `ca=<file>`, `servername=<name>`, `cert=<file>`, `key=<file>`, `name=<client name>`, `db=<number>`.
    ///
    /// - Throws: ``RedisError`` with ``RedisError/Code/configuration``. The message does not repeat the URL: it may hold a password.
    public init(url: String) throws(RedisError) {
        let schemes = ["redis://": false, "rediss://": true]
        guard let (scheme, isEncrypted) = schemes.first(where: { url.lowercased().hasPrefix($0.key) }) else {
            throw Self.error("a Redis URL begins with redis:// or rediss://")
        }
        var rest = url.dropFirst(scheme.count)
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var path: Substring = ""
        // A slash may stand in a password too: the path begins behind the servers.
        let userEnd = rest.lastIndex(of: "@")
        let serversStart = userEnd.map { rest.index(after: $0) } ?? rest.startIndex
        if let slash = rest[serversStart...].firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        self.init(addresses: try rest[serversStart...].split(separator: ",").map(Self.address))
        guard !addresses.isEmpty else { throw Self.error("a Redis URL names a server: redis://host:6379") }
        if let userEnd { try readCredentials(rest[..<userEnd]) }
        if !path.isEmpty { try readDatabase(path) }
        if isEncrypted { tls = RedisTLS() }
        for member in query.split(separator: "&") { try readSetting(member) }
        if isCluster == true, database != 0 { throw Self.error("a Redis Cluster has database 0 only") }
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisError) {
        guard let colon = text.firstIndex(of: ":") else {
            username = try Self.unescape(text)
            return
        }
        let name = try Self.unescape(text[..<colon])
        username = name.isEmpty ? nil : name
        password = try Self.unescape(text[text.index(after: colon)...])
    }

    private mutating func readDatabase(_ text: some StringProtocol) throws(RedisError) {
        guard let number = Int(text), number >= 0 else { throw Self.error("the database behind the servers is a number: redis://host/0") }
        database = number
    }

    private mutating func readSetting(_ text: Substring) throws(RedisError) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw Self.error("a setting behind ? has a value: cluster=true") }
        let value = try Self.unescape(parts[1])
        func encryption(_ change: (inout RedisTLS) -> Void) throws(RedisError) {
            guard var settings = tls else { throw Self.error("ca, cert, key and servername are for rediss:// URLs") }
            change(&settings)
            tls = settings
        }
        switch parts[0] {
        case "cluster":
            guard let choice = Bool(value) else { throw Self.error("cluster is true or false") }
            isCluster = choice
        case "db": try readDatabase(value)
        case "name": clientName = value
        case "ca": try encryption { $0.certificateAuthorityFile = value }
        case "servername": try encryption { $0.serverName = value }
        case "cert": try encryption { $0.certificateFile = value }
        case "key": try encryption { $0.privateKeyFile = value }
        default: throw Self.error("unknown setting behind ?: cluster, db, name, ca, servername, cert and key are known")
        }
    }

    private static func address(_ text: Substring) throws(RedisError) -> RedisAddress {
        let hint = "a server is written as host, host:port or [IPv6 address]:port"
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw error(hint) }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw error(hint) }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, text.hasPrefix("[") || !host.contains(":") else { throw error(hint) }
        guard let port else { return RedisAddress(host: String(host)) }
        guard let number = UInt16(port), number > 0 else { throw error("a port is a number from 1 to 65535") }
        return RedisAddress(host: String(host), port: Int(number))
    }

    private static func unescape(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                throw error("a % in a Redis URL is followed by two hexadecimal digits; % itself is %25")
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        guard let string = String(validating: bytes, as: UTF8.self) else { throw error("the % escapes of a Redis URL are UTF-8") }
        return string
    }

    private static func error(_ message: String) -> RedisError { RedisError(.configuration, message) }
}
