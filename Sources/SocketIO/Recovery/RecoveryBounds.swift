/// The bounds in bytes of connection state recovery, as they are in force: ``RecoveryConfiguration`` says which, or leaves them to what may wait
/// for a connection.
struct RecoveryBounds: Hashable, Sendable {
    /// Of the events of a namespace.
    let log: Int
    /// Of these, for rooms in which clients write.
    let written: Int
    /// Of the events of one room, or for one socket.
    let room: Int
    /// Of what one connection is sent as missed.
    let replay: Int

    init(_ configuration: RecoveryConfiguration, maxQueuedBytes: Int) {
        room = configuration.maxRoomLogBytes ?? max(8 << 20, Self.times(8, maxQueuedBytes))
        log = configuration.maxLogBytes ?? max(64 << 20, Self.times(8, room))
        written = configuration.isWrittenByClients == nil ? 0 : log / 4
        replay = configuration.maxReplayBytes ?? Self.times(2, room)
    }

    /// The product; the largest number where it is larger.
    private static func times(_ factor: Int, _ bytes: Int) -> Int {
        let (product, isTooLarge) = bytes.multipliedReportingOverflow(by: factor)
        return isTooLarge ? .max : product
    }
}
