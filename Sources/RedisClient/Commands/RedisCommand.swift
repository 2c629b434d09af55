import NIOCore
import RESP

/// A command to Redis.
///
/// ```swift
/// try await client.send(RedisCommand("SET", "greeting", "hello", key: "greeting"))
/// ```
public struct RedisCommand: Hashable, Sendable {
    /// Its name, `GET`; those of two words have the second as their first argument.
    public var name: String
    /// What follows the name.
    public var arguments: [RedisArgument]
    /// The key that says which node of a cluster has to do with it; `nil`: any node.
    public var key: String?
    /// How long its answer may take, where that is not ``RedisConfiguration/commandTimeout``: for commands that block.
    public var timeout: Duration?

    /// A command with a list of arguments.
    public init(_ name: String, _ arguments: [RedisArgument], key: String? = nil, timeout: Duration? = nil) {
        self.name = name
        self.arguments = arguments
        self.key = key
        self.timeout = timeout
    }

    /// A command with its arguments one after the other.
    public init(_ name: String, _ arguments: RedisArgument..., key: String? = nil) {
        self.init(name, arguments, key: key)
    }

    /// About how many bytes it takes on the wire.
    var size: Int { arguments.reduce(name.utf8.count) { $0 + $1.size + 8 } + 16 }

    /// Appends the command as it goes over the wire.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeRESPCommand(argumentCount: arguments.count + 1)
        buffer.writeRESPBulk(name)
        for argument in arguments { buffer.writeRESPBulk(argument) }
    }
}
