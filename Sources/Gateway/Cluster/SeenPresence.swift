import GatewayDomain
import NIOCore
import RESP

/// How a user is seen, and by which change: of two, the one with the higher version is the newer.
struct SeenPresence: Hashable, Sendable {
    let version: Int64
    let presence: Presence

    /// Nothing known.
    static let unknown = SeenPresence(version: 0, presence: Presence(.offline, lastSeen: nil))

    init(version: Int64, presence: Presence) {
        self.version = version
        self.presence = presence
    }

    /// A change as it is published: `<version> <appearance> <last seen>`, `-` where that is not known.
    init?(_ payload: ByteBuffer) {
        let parts = String(buffer: payload).split(separator: " ")
        guard parts.count == 3, let version = Int64(parts[0]), let appearance = Presence.Appearance(rawValue: String(parts[1])) else {
            return nil
        }
        let lastSeen = Int64(parts[2])
        guard lastSeen != nil || parts[2] == "-" else { return nil }
        self.init(version: version, presence: Presence(appearance, lastSeen: lastSeen))
    }

    /// What is kept in Redis (see ``PresenceScripts``), looked at `now`.
    init(hash: RESPValue, now: Int64) {
        var fields: [String: String] = [:]
        var isThere = false
        for pair in hash.pairs ?? [] {
            guard let name = pair.key.string, let value = pair.value.string else { continue }
            if name.hasPrefix("n") { isThere = true } else { fields[name] = value }
        }
        let status = fields["s"].flatMap { PresenceStatus(rawValue: $0) } ?? .online
        let presence =
            switch (isThere, status) {
            case (false, _), (true, .invisible): Presence(.offline, lastSeen: fields["l"].flatMap { Int64($0) })
            case (true, .online): Presence(.online, lastSeen: now)
            case (true, .away): Presence(.away, lastSeen: now)
            case (true, .busy): Presence(.busy, lastSeen: now)
            }
        self.init(version: fields["v"].flatMap { Int64($0) } ?? 0, presence: presence)
    }
}
