import GatewayDomain
import HTTPTypes
import NIOCore
import NIOHTTP1

extension TrustedProxies {
    /// The address of the client who sent a request with these headers over a connection from `peer`; empty where that has none.
    func client(peer: SocketAddress?, headers: HTTPHeaders) -> String {
        client(peer: peer?.ipAddress ?? "", forwardedFor: headers["x-forwarded-for"])
    }

    /// See ``client(peer:headers:)``.
    func client(peer: SocketAddress?, fields: HTTPFields) -> String {
        client(peer: peer?.ipAddress ?? "", forwardedFor: fields.filter { $0.name.canonicalName == "x-forwarded-for" }.map(\.value))
    }
}
