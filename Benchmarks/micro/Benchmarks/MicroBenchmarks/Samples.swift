import NIOCore

/// The messages that are measured: of the sizes that a gateway has to do with.
enum Samples {
    /// What a service publishes.
    static let price = #"""
        {"type":"price_update","symbol":"BTC-USDC","timestamp":1764201600123,"data":{"symbol":"BTC-USDC","price":"96123.45","change24h":"1.25","volume24h":"18234.501","high24h":"97000.00","low24h":"94811.10"}}
        """#

    /// What a client gets of it: 180 bytes.
    static let update = #"{"symbol":"BTC-USDC","price":"96123.45","change24h":"1.25","volume24h":"18234.501","seq":123456,"epoch":"k3J9"}"#

    /// An order book of 50 levels, digits that differ and names that repeat.
    static let book: String = {
        func side(_ first: Int) -> String {
            (0..<50).map { "[\"\(first + $0 * 7).\($0 * 37 % 100)\",\"\($0 * 7919 % 13).\(10_000 + $0 * 104_729 % 89_999)\"]" }
                .joined(separator: ",")
        }
        return #"{"symbol":"BTC-USDC","bids":[\#(side(96_000))],"asks":[\#(side(97_000))]}"#
    }()

    /// What a client says every few seconds.
    static let ping = ByteBuffer(string: #"217["ping",{"timestamp":1764201600123}]"#)
}
