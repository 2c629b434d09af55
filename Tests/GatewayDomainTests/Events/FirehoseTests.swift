import GatewayDomain
import Testing

@Suite("Firehose")
struct FirehoseTests {
    private let alice = UserID("alice-0001")

    @Test func tradesAreThePublicOnesAndTheCallersOwn() throws {
        let alice = try #require(alice)
        #expect(Firehose.all(of: .priceUpdate, caller: alice) == [.prices])
        #expect(Firehose.all(of: .tradeNotification, caller: alice) == [.trades, .own(.user(alice))])
        #expect(Firehose.all(of: .portfolioUpdate, caller: alice) == [.own(.portfolio(alice))])
        #expect(Firehose.all(of: .orderUpdate, caller: alice) == [.own(.orders(alice))])
        #expect(Firehose.all(of: .systemAlert, caller: alice) == [])
    }

    @Test func aGuestHasNoEventsOfItsOwn() {
        #expect(Firehose.all(of: .priceUpdate, caller: nil) == [.prices])
        #expect(Firehose.all(of: .tradeNotification, caller: nil) == [.trades])
        #expect(Firehose.all(of: .portfolioUpdate, caller: nil) == nil)
        #expect(Firehose.all(of: .orderUpdate, caller: nil) == nil)
    }

    @Test func itsNameIsNoRoomsAndLeadsBack() throws {
        let alice = try #require(alice)
        for firehose in [Firehose.prices, .trades, .own(.user(alice)), .own(.portfolio(alice)), .own(.orders(alice))] {
            #expect(Firehose(name: firehose.name) == firehose)
            #expect(Room(name: firehose.name) == nil)
        }
        for name in ["", "*", "*prices", "price", "*price:BTC-USDC", "*group:group-0001", "user:alice-0001", "@alice-0001"] {
            #expect(Firehose(name: name) == nil)
        }
    }
}
