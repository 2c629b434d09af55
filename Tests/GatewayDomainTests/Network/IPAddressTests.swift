import Testing

@testable import GatewayDomain

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("2001:DB8::8:0", "2001:db8:0:0:0:0:8:0"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("fe80::1%eth0", "fe80:0:0:0:0:0:0:1"), ("64:ff9b::192.0.2.33", "64:ff9b:0:0:0:0:c000:221"),
        // IPv4 as a listener for both families sees it.
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:0201", "192.0.2.1"),
    ])
    func reads(text: String, shown: String) {
        #expect(IPAddress(text)?.description == shown)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "+1.2.3.4", "1.2.3.4:80",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::", "+1::",
        "-1::", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "[::1]", "localhost", "1:", ":1", "１.２.３.４",
    ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func readsWhatIsOnTheWire() {
        #expect(IPAddress(networkBytes: [192, 0, 2, 1])?.description == "192.0.2.1")
        #expect(IPAddress(networkBytes: [UInt8](repeating: 0, count: 15) + [1]) == IPAddress("::1"))
        #expect(IPAddress(networkBytes: [1, 2, 3]) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/8", "10.9.9.9", true),
        ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.2", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
    ])
    func blocks(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "ten/8", "/8", "", "10.0.0.0/ 8"])
    func refusesBlocks(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func limitsCountIPv6ByTheNetworkOfItsOwner() {
        #expect(IPAddress.limitKey("2001:db8:1:2:3:4:5:6") == IPAddress.limitKey("2001:db8:1:2:ffff::1"))
        #expect(IPAddress.limitKey("2001:db8:1:2::1") != IPAddress.limitKey("2001:db8:1:3::1"))
        #expect(IPAddress.limitKey("192.0.2.1") != IPAddress.limitKey("192.0.2.2"))
        #expect(IPAddress.limitKey("::ffff:192.0.2.1") == IPAddress.limitKey("192.0.2.1"))
        #expect(IPAddress.limitKey("unknown") == "unknown")
    }
}
