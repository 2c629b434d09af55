import SocketIO

extension OutgoingEvent {
    /// The same event, not kept for clients that are away: what tells of a state that they will be told anew, or comes again in another way.
    var notKept: OutgoingEvent {
        var event = self
        event.isRecoverable = false
        return event
    }
}
