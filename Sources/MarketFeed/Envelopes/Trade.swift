import GatewayDomain

/// One public trade.
struct Trade {
    enum Side: String {
        case buy, sell
    }

    /// A decimal number together with the text it was written as.
    struct Amount {
        var text: String
        var value: DecimalText

        init?(_ text: some StringProtocol) {
            guard let value = DecimalText(text), value.unscaled >= 0 else { return nil }
            self.text = String(text)
            self.value = value
        }

        init(_ value: DecimalText) {
            self.text = value.description
            self.value = value
        }
    }

    /// The exchange's id of the trade: letters, digits and dashes.
    var id: String
    var price: Amount
    /// In the base asset.
    var quantity: Amount
    /// What the taker did.
    var side: Side
    /// Microseconds since 1970.
    var microseconds: Int64

    /// Milliseconds since 1970.
    var timestamp: Int64 { microseconds / 1000 }
}
