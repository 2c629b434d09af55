/// The revision of the Engine.IO protocol that a session speaks: the `EIO` of the request that opened it.
public enum EngineRevision: Int, Hashable, Sendable, CaseIterable {
    /// Of Socket.IO 1 and 2 clients; the client pings
    /// (<https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v3.md>).
    case three = 3
    /// Of Socket.IO 3 and 4 clients; the server pings (<https://socket.io/docs/v4/engine-io-protocol>).
    case four = 4

    /// What a query asks for: the reference server takes everything but `EIO=4`, absence included, for revision 3.
    public init(_ query: EngineQuery) {
        self = query["EIO"] == "4" ? .four : .three
    }
}
