import RESP

/// What a node says in place of an answer, where another is to be asked, or the same later. The command has not been carried out.
///
/// Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#redirection-and-resharding
enum Redirection: Hashable {
    /// The slot belongs to this node, from now on.
    case moved(HashSlot, RedisAddress)
    /// The key is on its way to this node, which is asked this once.
    case ask(RedisAddress)
    /// The keys are in two places just now, or nobody has the slot, or the node reads its files.
    case later

    /// What an error means; `nil`: it is an answer.
    ///
    /// - Parameter asked: Who answered: an empty host means the same.
    init?(_ error: RESPError, asked: RedisAddress) {
        switch error.code {
        case "TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN": self = .later
        case "MOVED", "ASK":
            let parts = error.details.split(separator: " ")
            guard parts.count >= 2, let slot = Int(parts[0]).flatMap(HashSlot.init(number:)), let colon = parts[1].lastIndex(of: ":"),
                let port = UInt16(parts[1][parts[1].index(after: colon)...])
            else { return nil }
            let host = parts[1][..<colon]
            let address = RedisAddress(host: host.isEmpty || host == "?" ? asked.host : String(host), port: Int(port))
            self = error.code == "ASK" ? .ask(address) : .moved(slot, address)
        default: return nil
        }
    }
}
