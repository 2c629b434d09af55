import GatewayDomain

/// What the router has counted since the start, and what it holds now.
struct RouterStatistics: Sendable {
    var published: [EventType: Int] = [:]
    var duplicates = 0
    var droppedMembers = 0
    /// Events handed to an event loop.
    var routed = 0
    var evictedRooms = 0
    var rooms = 0
    var roomsWithMembers = 0
    var rememberedIDs = 0
}
