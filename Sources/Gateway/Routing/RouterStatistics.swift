import GatewayDomain

/// What the router has counted since the start, and what it holds now.
struct RouterStatistics: Sendable {
    var published = EventCounts()
    var duplicates = 0
    var droppedMembers = 0
    /// Changes of order books that could not be applied: malformed, or without a whole book before them.
    var droppedDeltas = 0
    /// Whole order books that could not be read; they reached those who get books as published.
    var malformedBooks = 0
    /// Books and changes that would have made a book of too many levels.
    var oversizedBooks = 0
    /// Values that were not kept for new members, because their room has as many as it may.
    var forgottenValues = 0
    /// Events handed to an event loop.
    var routed = 0
    var evictedRooms = 0
    var rooms = 0
    var roomsWithMembers = 0
    var rememberedIDs = 0
    /// Joins that asked for what they had missed, and got all of it.
    var resumed = 0
    /// Joins that asked for what they had missed, and got last values.
    var notResumed = 0
    /// Bytes of events kept for members who come back.
    var loggedBytes = 0
    /// Logs begun anew because all logs together had reached their bound.
    var clearedLogs = 0
    /// Feeds that fell silent while the room had members.
    var staleFeeds = 0
    /// What was counted of the bus between nodes, where there is one.
    var bus: BusStatistics?
}
