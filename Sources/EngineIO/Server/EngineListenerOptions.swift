public import NIOCore
public import NIOSSL

/// How the connections of one listener begin.
public struct EngineListenerOptions: Sendable {
    /// Encrypts every connection (HTTPS and WSS); `nil` leaves them plain. Encrypted bytes take the way through the channel.
    public var tls: NIOSSLContext?

    /// Whether connections from a peer begin with a header of the PROXY protocol (version 1 or 2), which says whose they are. From such a
    /// peer it must come; from others it is not read. `nil`: from nobody.
    public var expectsProxyHeader: (@Sendable (_ peer: SocketAddress) -> Bool)?

    /// Plain connections from everyone.
    public init() {}
}
