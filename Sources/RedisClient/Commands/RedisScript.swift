import Crypto

/// A Lua script that Redis runs as one step.
///
/// Its keys go in as keys, all in one slot of a cluster: braces in their names (`{user:1}:devices`) see to that.
public struct RedisScript: Hashable, Sendable {
    /// The script.
    public let source: String
    /// What Redis calls it: SHA-1 of the source, in hexadecimal digits.
    public let digest: String

    /// A script. Its digest is computed here, so keep scripts as constants.
    public init(_ source: String) {
        self.source = source
        let digits = Array("0123456789abcdef")
        self.digest = String(Insecure.SHA1.hash(data: Array(source.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// Runs it by its digest, as a rule, or by its source where Redis does not know it yet.
    func command(bySource: Bool, keys: [String], arguments: [RedisArgument]) -> RedisCommand {
        RedisCommand(
            bySource ? "EVAL" : "EVALSHA",
            [.string(bySource ? source : digest), .integer(keys.count)] + keys.map { .string($0) } + arguments,
            key: keys.first
        )
    }
}
