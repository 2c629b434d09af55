import Testing

@testable import GatewayDomain

@Suite struct TrustedProxiesTests {
    private let proxies = TrustedProxies([IPNetwork("10.0.0.0/8")!, IPNetwork("2001:db8:ffff::/48")!])

    @Test(
        arguments: [
            // The right-most address that is no proxy's: what stands left of it is the client's own invention.
            (["192.0.2.1"], "192.0.2.1"),
            (["198.51.100.7, 192.0.2.1"], "192.0.2.1"),
            (["198.51.100.7, 192.0.2.1, 10.0.0.9"], "192.0.2.1"),
            (["198.51.100.7", "192.0.2.1", "10.0.0.9"], "192.0.2.1"),
            (["192.0.2.1:4711"], "192.0.2.1"),
            (["[2001:db8::1]:4711"], "2001:db8:0:0:0:0:0:1"),
            (["2001:db8::1,2001:db8:ffff::2"], "2001:db8:0:0:0:0:0:1"),
            (["\t192.0.2.1 \t"], "192.0.2.1"),
            // Nothing to believe: the nearest address there is.
            ([], "10.0.0.1"),
            ([""], "10.0.0.1"),
            (["unknown"], "10.0.0.1"),
            (["192.0.2.1, unknown, 10.0.0.9"], "10.0.0.9"),
            (["192.0.2.1,"], "10.0.0.1"),
            (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ] as [([String], String)]
    )
    func theClientIsTheRightMostUntrusted(headers: [String], client: String) {
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: headers) == client)
    }

    @Test func othersAreNeverBelieved() {
        #expect(proxies.client(peer: "203.0.113.5", forwardedFor: ["192.0.2.1"]) == "203.0.113.5")
        #expect(TrustedProxies.none.client(peer: "10.0.0.1", forwardedFor: ["192.0.2.1"]) == "10.0.0.1")
        #expect(proxies.client(peer: "", forwardedFor: ["192.0.2.1"]) == "")
    }

    @Test func aLongListIsNotReadToItsEnd() {
        let flood = "192.0.2.1," + Array(repeating: "10.0.0.2", count: 100_000).joined(separator: ",")
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: [flood]) == "10.0.0.2")
    }
}
