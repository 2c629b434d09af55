import NIOCore

/// For applications whose servers share sessions (``SessionStore/isShared``): what a client has been told is to hold after any crash. Where
/// sessions are not shared nothing waits. On the loop only, all of it.
extension Socket {
    /// Says that what ``NamespaceDefinition/onSave(_:)`` makes of the socket has changed: it is written anew.
    public func sessionChanged() {
        eventLoop.assertInEventLoop()
        if isConnected { loop.sessionChanged(self) }
    }

    /// Runs `join` once the session is kept as if the socket were in `rooms`. Then it may ``join(_:)`` them and tell its client: whatever becomes
    /// of this server, the client finds itself in them again. ``hasJoined(_:)`` must follow, whether they were joined or not.
    ///
    /// Where the store has failed `join` runs all the same, and is counted (``RecoveryStatistics/unwrittenJoins``). What is run by this and by
    /// ``whenSessionIsWritten(_:)`` keeps its order, and goes on after the socket's end too.
    public func prepareToJoin(_ rooms: [String], then join: @escaping () -> Void) {
        eventLoop.assertInEventLoop()
        if isConnected { loop.announce(rooms, self) }
        loop.whenWritten(self, join)
    }

    /// Rooms that ``prepareToJoin(_:then:)`` was asked for have been joined, or are not to be.
    public func hasJoined(_ rooms: [String]) {
        eventLoop.assertInEventLoop()
        loop.settle(rooms, self)
    }

    /// Runs `body` once the session is kept as it is now: at once where nothing has changed, or the store has failed.
    public func whenSessionIsWritten(_ body: @escaping () -> Void) {
        eventLoop.assertInEventLoop()
        loop.whenWritten(self, body)
    }
}
