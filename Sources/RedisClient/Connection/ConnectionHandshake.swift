import RESP

/// What is said on a new connection before the first command: `HELLO 3` with user and password, or what version 2 has for that.
///
/// Sources: https://redis.io/docs/latest/commands/hello/, https://redis.io/docs/latest/commands/auth/
struct ConnectionHandshake {
    /// What is to be done.
    enum Action {
        /// Send this; its answer is the next input.
        case send(RedisCommand)
        /// The connection is ready.
        case ready(Greeting)
        /// Close it.
        case failed(RedisError)
    }

    /// What is known of the server.
    struct Greeting: Hashable {
        /// 2 or 3.
        var protocolVersion = 2
        /// Whether it says that it is a node of a cluster; `nil`: it has not said.
        var isCluster: Bool?
    }

    private enum Step { case hello, authentication, name, database, done }

    private let username: String?
    private let password: String?
    private let clientName: String?
    private let database: Int
    private var step = Step.hello
    private var greeting = Greeting()

    init(_ configuration: RedisConfiguration) {
        self.username = configuration.username
        self.password = configuration.password
        self.clientName = configuration.clientName
        self.database = configuration.database
    }

    /// The connection is open.
    mutating func opened() -> Action {
        var arguments: [RedisArgument] = ["3"]
        if let password { arguments += ["AUTH", .string(username ?? "default"), .string(password)] }
        return .send(RedisCommand("HELLO", arguments))
    }

    /// The answer to what was sent last.
    mutating func received(_ reply: RESPValue) -> Action {
        switch (step, reply.error) {
        case (.hello, nil):
            greeting.protocolVersion = reply["proto"]?.integer.map(Int.init) ?? 3
            greeting.isCluster = reply["mode"]?.string.map { $0 == "cluster" }
            return afterAuthentication()
        case (.hello, let error?):
            // The password itself is wrong: version 2 would say the same.
            if error.code == "WRONGPASS" { return .failed(refused(error)) }
            guard Self.knowsNoHello(error) || password != nil else { return .failed(refused(error)) }
            guard let password else { return afterAuthentication() }
            step = .authentication
            return .send(RedisCommand("AUTH", (username.map { [.string($0)] } ?? []) + [.string(password)]))
        case (.authentication, nil): return afterAuthentication()
        case (.authentication, let error?): return .failed(refused(error))
        // The name is for people who look at the server: it goes on without.
        case (.name, _): return afterName()
        case (.database, nil):
            step = .done
            return .ready(greeting)
        case (.database, let error?):
            return .failed(RedisError(.configuration, "Redis refuses database \(database): choose another", reply: error))
        case (.done, _):
            return .failed(RedisError(.protocolViolation, "Redis answered what was not asked while connecting"))
        }
    }

    private mutating func afterAuthentication() -> Action {
        guard let clientName else { return afterName() }
        step = .name
        return .send(RedisCommand("CLIENT", "SETNAME", .string(clientName)))
    }

    private mutating func afterName() -> Action {
        guard database != 0 else {
            step = .done
            return .ready(greeting)
        }
        step = .database
        return .send(RedisCommand("SELECT", .integer(database)))
    }

    /// Servers before version 6, proxies, and users whose access list leaves the command out.
    private static func knowsNoHello(_ error: RESPError) -> Bool {
        switch error.code {
        case "NOPROTO", "NOPERM": true
        case "ERR": error.details.lowercased().hasPrefix("unknown command")
        default: false
        }
    }

    private func refused(_ error: RESPError) -> RedisError {
        switch error.code {
        case "NOAUTH": RedisError(.configuration, "Redis asks for a password: put it into the URL (redis://user:password@…)", reply: error)
        case "WRONGPASS": RedisError(.configuration, "Redis does not accept user and password: check those in the URL", reply: error)
        case "NOPERM": RedisError(.configuration, "the Redis user may not do what is needed: check its access list", reply: error)
        default: RedisError(.connection, "Redis refuses the connection: \(error.message)", reply: error)
        }
    }
}
