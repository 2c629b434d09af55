import GatewayDomain
import Testing

@testable import MarketFeed

struct ExchangeNamesTests {
    @Test(arguments: [
        ("XRPUSDT", "XRP-USDT"), ("BTCFDUSD", "BTC-FDUSD"), ("ETHBTC", "ETH-BTC"), ("BTCUSDC", "BTC-USDC"), ("BTCUSD", "BTC-USD"),
        ("USDT", nil), ("BTC", nil), ("btcusdt", nil), ("ABCXYZ", nil), ("1INCHUSDT", nil),
    ])
    func splitsCompactSymbols(symbol: String, expected: String?) {
        #expect(Instrument(compact: symbol)?.description == expected)
    }

    @Test(arguments: [
        ("trades-BTC-USDT.csv", "BTC-USDT"), ("/data/ETH-EUR/BTCUSDT-trades-2024-01.csv", "BTC-USDT"),
        ("2024-12-01_XRPUSDT_ob500.data", "XRP-USDT"), ("BTCUSDT-TRADES.csv", "BTC-USDT"), ("trades-PEPE-WXYZ.csv", "PEPE-WXYZ"),
        ("trades.csv", nil), ("", nil), ("/", nil),
    ])
    func readsFileNames(path: String, expected: String?) {
        #expect(Instrument(fileName: path)?.description == expected)
    }
}
