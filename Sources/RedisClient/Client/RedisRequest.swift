import NIOCore
import RESP

/// A command on its way, and who waits for its answer.
struct RedisRequest: Sendable {
    let command: RedisCommand
    /// About how many bytes it takes.
    let size: Int
    let deadline: NIODeadline
    /// How often it has been sent to another node, or again.
    var redirections = 0
    /// Whether the node is asked for a slot that is on its way to it.
    var isAsking = false
    /// The node of a cluster that it is for, whatever its key.
    var node: RedisAddress?
    let done: (@Sendable (Result<RESPValue, RedisError>) -> Void)?

    init(_ command: RedisCommand, deadline: NIODeadline, done: (@Sendable (Result<RESPValue, RedisError>) -> Void)?) {
        self.command = command
        self.size = command.size
        self.deadline = deadline
        self.done = done
    }
}
