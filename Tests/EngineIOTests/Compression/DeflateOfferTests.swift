import Testing

@testable import EngineIO

@Suite("permessage-deflate negotiation")
struct DeflateOfferTests {
    private static let always = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    private func answer(_ offers: String..., windowBits: Int = 15) -> String? {
        var settings = PerMessageDeflate()
        settings.windowBits = windowBits
        return DeflateAgreement(offers: offers, settings: settings)?.response
    }

    @Test(arguments: [
        "permessage-deflate", "Permessage-Deflate", "permessage-deflate; client_max_window_bits",
        "permessage-deflate;client_max_window_bits=10", "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover ;server_no_context_takeover",
    ])
    func isAccepted(_ offer: String) {
        #expect(answer(offer) == Self.always)
    }

    @Test(arguments: [("9", 9), ("10", 10), ("15", 15), ("\"12\"", 12)])
    func theServersWindowIsAtMostThatOfTheOffer(_ value: String, _ bits: Int) {
        #expect(answer("permessage-deflate; server_max_window_bits=\(value)") == Self.always + "; server_max_window_bits=\(bits)")
        #expect(
            answer("permessage-deflate; server_max_window_bits=\(value)", windowBits: 11)
                == Self.always + "; server_max_window_bits=\(min(bits, 11))"
        )
    }

    @Test func aSmallerWindowOfOurOwnIsAnnounced() {
        #expect(answer("permessage-deflate", windowBits: 12) == Self.always + "; server_max_window_bits=12")
    }

    /// RFC 7692, section 7.1: an offer with a parameter that is unknown, repeated or wrong must be declined.
    @Test(arguments: [
        "permessage-deflate; unknown", "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09", "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; server_max_window_bits=x", "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=", "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10", "permessage-deflate;",
        "x-webkit-deflate-frame", "permessage-bzip2", "",
        // Allowed, but zlib cannot do it without a wrapper.
        "permessage-deflate; server_max_window_bits=8",
    ])
    func isDeclined(_ offer: String) {
        #expect(answer(offer) == nil)
    }

    @Test func theFirstOfferThatCanBeMetCounts() {
        #expect(
            answer(
                "permessage-deflate; server_max_window_bits=8, foo; a=\"x, permessage-deflate\", permessage-deflate; server_max_window_bits=9"
            )
                == Self.always + "; server_max_window_bits=9"
        )
        #expect(answer("foo", "permessage-deflate; bad", "permessage-deflate") == Self.always)
        #expect(answer() == nil)
    }

    @Test func extensionsAreReadWithTheirQuotes() {
        #expect(
            WebSocketExtension.parse(" Foo ; a=\"b;c,d\";E , bar,,") == [
                WebSocketExtension(name: "foo", parameters: [.init(name: "a", value: "b;c,d"), .init(name: "e", value: nil)]),
                WebSocketExtension(name: "bar", parameters: []),
            ]
        )
    }
}
