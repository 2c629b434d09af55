/// The proxies whose word about a client's address is taken.
///
/// A proxy adds the address it was called from at the right of `X-Forwarded-For`; what stands further left came from outside and may be
/// invented. So the client is the right-most address that is not a trusted proxy's.
public struct TrustedProxies: Hashable, Sendable {
    /// The blocks they are in.
    public let networks: [IPNetwork]
    /// The most addresses of `X-Forwarded-For` that are looked at.
    static let maximumHops = 32

    /// Nobody is trusted.
    public static let none = TrustedProxies([])

    /// The proxies in these blocks.
    public init(_ networks: [IPNetwork]) {
        self.networks = networks
    }

    /// Whether the address is a trusted proxy's.
    public func contains(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The client's address.
    ///
    /// - Parameters:
    ///   - peer: the address at the other end of the connection.
    ///   - forwardedFor: the values of all `X-Forwarded-For` headers, in order; read only where the peer is trusted.
    /// - Returns: the right-most address that is not a trusted proxy's; where there is none, or what follows is no address, the last
    ///   trusted one.
    public func client(peer: String, forwardedFor: [some StringProtocol]) -> String {
        guard !networks.isEmpty, let address = IPAddress(peer), contains(address) else { return peer }
        var last = address
        var hops = 0
        for header in forwardedFor.reversed() {
            for element in header.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                hops += 1
                guard hops <= Self.maximumHops, let address = Self.address(in: element) else { return last.description }
                last = address
                guard contains(address) else { return last.description }
            }
        }
        return last.description
    }

    /// Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(in element: some StringProtocol) -> IPAddress? {
        var text = Substring(element.drop { $0 == " " || $0 == "\t" })
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        if text.first == "[", let end = text.firstIndex(of: "]") {
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        return IPAddress(colons == 1 ? text.prefix { $0 != ":" } : text)
    }
}
