import GatewayDomain

extension Instrument {
    /// The assets prices are commonly counted in; longer names first, so that `BTCFDUSD` is not read as `BTCFD-USD`.
    private static let knownQuotes = [
        "FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USDE", "USD", "EUR", "GBP", "TRY", "BTC", "ETH", "BNB", "DAI",
    ]

    /// The instrument of an exchange's own symbol without a dash: `XRPUSDT` is `XRP-USDT`.
    init?(compact symbol: some StringProtocol) {
        for quote in Self.knownQuotes where symbol.hasSuffix(quote) {
            guard let instrument = Instrument("\(symbol.dropLast(quote.count))-\(quote)") else { continue }
            self = instrument
            return
        }
        return nil
    }

    /// The instrument a file's name tells: `trades-BTC-USDT.csv`, `BTCUSDT-trades-2024-01.csv`, `2024-12-01_XRPUSDT_ob500.data`.
    init?(fileName path: String) {
        let file = path.split(separator: "/").last ?? ""
        let parts = file.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let pairs = zip(parts, parts.dropFirst()).compactMap { Instrument("\($0)-\($1)") }
        // A pair with a known quote is surer than any two words in capitals, `BTCUSDT-TRADES` for one.
        let candidate =
            pairs.first { Self.knownQuotes.contains($0.quote) }
            ?? parts.lazy.compactMap { Instrument(compact: $0) }.first
            ?? pairs.first
        guard let candidate else { return nil }
        self = candidate
    }
}
