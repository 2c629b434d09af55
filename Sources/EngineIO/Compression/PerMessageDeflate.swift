/// Settings of the compression of WebSocket messages (`permessage-deflate`, RFC 7692).
///
/// Every message is compressed for itself (`server_no_context_takeover` and `client_no_context_takeover` are always agreed on), so that a
/// message to a room is compressed once for all its members and a connection keeps no compressor of its own.
public struct PerMessageDeflate: Hashable, Sendable {
    /// Messages of fewer bytes are sent as they are.
    public var threshold = 1024
    /// How hard zlib tries: 1, the fastest, to 9.
    public var level = 6
    /// How much memory zlib takes for its tables: 1 to 9; each step up doubles it, 8 is 128 KB for each event loop.
    public var memoryLevel = 8
    /// The window for messages to clients, as a power of 2: 9 to 15. A client may ask for a smaller one.
    public var windowBits = 15

    /// The defaults.
    public init() {}

    /// The same, with every value within what zlib takes.
    var clamped: Self {
        var settings = self
        settings.level = min(max(level, 1), 9)
        settings.memoryLevel = min(max(memoryLevel, 1), 9)
        settings.windowBits = min(max(windowBits, 9), 15)
        return settings
    }
}
