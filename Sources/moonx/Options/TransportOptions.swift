import ArgumentParser
import EngineIO
import Foundation

/// What the transports do beside carrying messages.
struct TransportOptions: ParsableArguments {
    @Option(help: "on compresses WebSocket messages of 1 KiB and more (permessage-deflate) for clients that ask for it. Default: off")
    var perMessageDeflate: Switch?

    @Option(help: "on compresses answers to polls of 1 KiB and more (gzip, deflate) for clients that ask for it. Default: on")
    var httpCompression: Switch?

    @Option(
        help: ArgumentHelp(
            "Web origins that may connect at all, separated by commas; others are answered 403, a WebSocket 400. Default: all",
            valueName: "origins"
        )
    )
    var allowedOrigins: String?

    @Option(
        help: ArgumentHelp(
            "A cookie of this name tells a load balancer the session of a polling client, so that it can keep to one node. Default: none",
            valueName: "name"
        )
    )
    var cookie: String?

    func validate() throws {
        var engine = EngineConfiguration()
        try apply(to: &engine, isSecure: false)
    }

    /// Applies the options.
    func apply(to engine: inout EngineConfiguration, isSecure: Bool) throws {
        if try Setting.value(perMessageDeflate, "per-message-deflate", default: .off) == .on {
            engine.perMessageDeflate = PerMessageDeflate()
        }
        if try Setting.value(httpCompression, "http-compression", default: .on) == .off { engine.httpCompression = nil }
        if let list = try Setting.origins(allowedOrigins, "allowed-origins") {
            let origins = Set(list)
            engine.allowedOrigins = CORSPolicy { origins.contains($0.lowercased()) }
        }
        if let name = try cookieName() {
            engine.cookie = HandshakeCookie()
            engine.cookie?.name = name
            engine.cookie?.isSecure = isSecure
        }
    }

    private func cookieName() throws -> String? {
        guard let name = Setting.text(cookie, "cookie") else { return nil }
        // A token of RFC 9110, section 5.6.2.
        let others = "!#$%&'*+-.^_`|~"
        guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || others.contains($0)) }) else {
            throw ValidationError("--cookie must be a cookie's name, of letters, digits and \(others)")
        }
        return name
    }
}
