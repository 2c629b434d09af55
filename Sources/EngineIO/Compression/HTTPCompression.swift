/// Settings of the compression of answers to polls. Clients say in `Accept-Encoding` whether they want it.
public struct HTTPCompression: Hashable, Sendable {
    /// Bodies of fewer bytes are sent as they are.
    public var threshold = 1024
    /// How hard zlib tries: 1, the fastest, to 9. The event loop waits for it: 1 MiB of text takes it some 10 ms at 1, and 40 at 6.
    public var level = 6

    /// The defaults.
    public init() {}
}
