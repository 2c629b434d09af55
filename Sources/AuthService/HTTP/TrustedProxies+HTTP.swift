public import GatewayDomain
public import HTTPTypes
public import NIOCore

extension TrustedProxies {
    /// The address of the client who sent a request with these headers over a connection from `peer`; `nil` where that has none.
    public func clientAddress(peer: SocketAddress?, fields: HTTPFields) -> String? {
        guard let address = peer?.ipAddress else { return nil }
        return client(peer: address, forwardedFor: fields.filter { $0.name.canonicalName == "x-forwarded-for" }.map(\.value))
    }
}
