import GatewayDomain
import SocketIO

/// Tells members of price and order-book rooms when the source falls silent. On the router's loop.
///
/// Only rooms that have members and have had an event are looked at, so that it is publishers, not clients, who make the work.
extension EventRouter {
    /// An event came for a room with members, for the first time or after a silence.
    func feedSpoke(_ channel: RoomChannel, revived: Bool) {
        if revived { announce(feedLive(channel.room), in: channel.room, members: channel.members) }
        watchFeed(of: channel.room)
    }

    /// The room has members now.
    func watchFeed(of room: Room) {
        guard configuration.feedTimeout != nil, let channel = channels[room], channel.feed.isLive else { return }
        channel.isWatched = true
        watched.insert(room)
    }

    /// Whether the room's feed has fallen silent; members are told.
    func lookAtFeed(of room: Room) {
        // Whose bus is deaf has been told already, and whether the source is silent cannot be known.
        guard let limit = configuration.feedTimeout, let channel = channels[room], remote?.deafSince == nil else { return }
        let fellSilent = channel.feed.look(limit: limit, now: now)
        if fellSilent, channel.hasMembers, let since = channel.feed.staleSince {
            statistics.staleFeeds += 1
            announce(feedStale(room, since: since), in: room, members: channel.members)
        }
        if fellSilent || !channel.hasMembers {
            watched.remove(room)
            channel.isWatched = false
        }
    }

    /// Tells the members of the room, however they see it.
    func announce(_ event: OutgoingEvent, in room: Room, members: [Int32]) {
        emit(event, to: room, members: members)
        for (view, state) in books[room]?.views ?? [:] { emit(event, to: view.roomName(room), members: state.members) }
    }

    /// `feed_live {room}`.
    func feedLive(_ room: Room) -> OutgoingEvent { OutgoingEvent("feed_live", json: "{\"room\":\"\(room.name)\"}").notKept }

    /// `feed_stale {room, since}`; `since` is when the last event came.
    func feedStale(_ room: Room, since: Duration) -> OutgoingEvent {
        let time = WallClock.milliseconds() - (now - since).inMilliseconds
        return OutgoingEvent("feed_stale", json: "{\"room\":\"\(room.name)\",\"since\":\(time)}").notKept
    }
}
