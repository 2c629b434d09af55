import ArgumentParser
import GatewayDomain

/// Which proxies are believed about the address of a client.
struct ProxyOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Addresses or blocks (10.0.0.0/8) of proxies whose X-Forwarded-For is believed. Default: none",
            valueName: "cidr"
        )
    )
    var trustedProxies: [String] = []

    func validate() throws {
        _ = try proxies()
    }

    func proxies() throws -> TrustedProxies {
        TrustedProxies(
            try Setting.list(trustedProxies.flatMap { $0.split(separator: ",").map(String.init) }, "trusted-proxies").map { text in
                guard let network = IPNetwork(text) else {
                    throw ValidationError("--trusted-proxies: “\(text)” is neither an address nor a block such as 10.0.0.0/8")
                }
                return network
            }
        )
    }
}
