import GatewayDomain
import RESP
import RedisClient
import Store

/// What is left of a node that has died.
extension ClusterPresence {
    /// Takes back what a dead node has said. Its users have been gone since its last heartbeat, unless they are somewhere else.
    func sweep(_ dead: NodeID, lastSeen: Int64) async -> Bool {
        let key = StateKeys.users(of: dead)
        while true {
            let found: [UserID]
            do {
                let answer = try await client.send(RedisCommand("SRANDMEMBER", .string(key), 256, key: key))
                found = (answer.array ?? []).compactMap { $0.string.flatMap { UserID($0) } }
            } catch {
                failed(error)
                return false
            }
            if found.isEmpty { return true }
            let isDone = await withTaskGroup(of: Bool.self) { group in
                for user in found { group.addTask { await self.sweep(user, of: dead, lastSeen) } }
                return await group.reduce(true) { $0 && $1 }
            }
            guard isDone else { return false }
        }
    }

    private func sweep(_ user: UserID, of dead: NodeID, _ lastSeen: Int64) async -> Bool {
        guard await run(PresenceScripts.leave, user, dead, ["\(lastSeen)"]) else { return false }
        let key = StateKeys.users(of: dead)
        return (try? await client.send(RedisCommand("SREM", .string(key), .string(user.rawValue), key: key))) != nil
    }
}
