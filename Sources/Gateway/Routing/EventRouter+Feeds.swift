import GatewayDomain
import SocketIO

/// Tells those who get the events of price and order-book rooms when the source falls silent. On the router's loop.
///
/// Only rooms that somebody gets and that have had an event are looked at, so that it is publishers, not clients, who make the work.
extension EventRouter {
    /// Whether anybody here gets the room's events, by the room or by a firehose, or may come back to that.
    func isHeardHere(_ channel: RoomChannel) -> Bool {
        channel.hasMembers || firehoses.members(reaching: channel.room) != nil
    }

    /// An event came for a room that somebody gets, for the first time or after a silence.
    func feedSpoke(_ channel: RoomChannel, revived: Bool) {
        if revived { announce(feedLive(channel.room), in: channel.room, members: channel.members) }
        watchFeed(of: channel.room)
    }

    /// Somebody gets the room now.
    func watchFeed(of room: Room) {
        guard configuration.feedTimeout != nil, let channel = channels[room], channel.feed.isLive else { return }
        channel.isWatched = true
        watched.insert(room)
    }

    /// Whether the room's feed has fallen silent; those who get it are told.
    func lookAtFeed(of room: Room) {
        // Whose bus is deaf has been told already, and whether the source is silent cannot be known.
        guard let limit = configuration.feedTimeout, let channel = channels[room], remote?.deafSince == nil else { return }
        let fellSilent = channel.feed.look(limit: limit, now: now)
        let isHeard = isHeardHere(channel)
        if fellSilent, isHeard, let since = channel.feed.staleSince {
            statistics.staleFeeds += 1
            announce(feedStale(room, since: since), in: room, members: channel.members)
        }
        if fellSilent || !isHeard {
            watched.remove(room)
            channel.isWatched = false
        }
    }

    /// Tells those who get the room, however they see it; who gets it in two ways is told once.
    func announce(_ event: OutgoingEvent, in room: Room, members: [Int32]) {
        emit(event, to: room, members: members, firehose: firehoses.members(reaching: room))
        for (view, state) in books[room]?.views ?? [:] { emit(event, to: view.roomName(room), members: state.members) }
    }

    /// What a new member is told of the room's feed, behind its last values.
    ///
    /// - Parameter isReturning: Whether it was a member before, here or on another node, and may have been told then that the feed is stale.
    func feedNotice(_ channel: RoomChannel, isReturning: Bool) -> OutgoingEvent? {
        if let since = channel.feed.staleSince { return feedStale(channel.room, since: since) }
        // A deaf node tells all of them when it hears again.
        guard isReturning, channel.room.keepsLastValue, remote?.deafSince == nil else { return nil }
        let isLookedAt = channel.room.watchesFeed && configuration.feedTimeout != nil
        // A single gateway knows what it has told.
        guard remote != nil else { return isLookedAt && channel.feed.hasBeenStale ? feedLive(channel.room) : nil }
        if isLookedAt, !channel.feed.isLive {
            // Nothing came here yet: whether the source lives shows the first event.
            channel.feed.doubt()
            return nil
        }
        return feedLive(channel.room)
    }

    /// `feed_live {room}`.
    func feedLive(_ room: Room) -> OutgoingEvent { OutgoingEvent("feed_live", json: "{\"room\":\"\(room.name)\"}").notKept }

    /// `feed_stale {room, since}`; `since` is when the last event came.
    func feedStale(_ room: Room, since: Duration) -> OutgoingEvent {
        let time = WallClock.milliseconds() - (now - since).inMilliseconds
        return OutgoingEvent("feed_stale", json: "{\"room\":\"\(room.name)\",\"since\":\(time)}").notKept
    }
}
