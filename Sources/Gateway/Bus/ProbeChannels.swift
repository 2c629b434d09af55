/// The channels by which a node speaks to itself. On a cluster several, because each shard may be deaf by itself.
struct ProbeChannels: Sendable {
    let names: [String]

    /// - Parameters:
    ///   - node: What tells this node from others.
    ///   - isCluster: Whether channels are spread over the slots of a cluster.
    init(node: String, isCluster: Bool) {
        names = isCluster ? Self.tags.map { "moonx:probe:{\($0)}:\(node)" } : ["moonx:probe:\(node)"]
    }

    /// Tags of which each lies in another sixteenth of the 16,384 slots (CRC-16 of the tag,
    /// <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model>).
    private static let tags = ["10", "3", "61", "43", "11", "2", "60", "42", "12", "1", "63", "41", "13", "0", "62", "40"]
}
