/// Rooms by name: `price:BTC-USDC`, `user:<id>` and so on.
extension Room {
    /// Returns `nil` where the name fits none of the patterns. Case matters.
    public init?(name: some StringProtocol) {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")), let kind = Kind(rawValue: String(name[..<colon]))
        else { return nil }
        self.init(kind: kind, identifier: name[name.utf8.index(after: colon)...])
    }

    /// The room of that kind with that identifier, which is what stands behind the colon of the name.
    public init?(kind: Kind, identifier: some StringProtocol) {
        switch kind {
        case .price, .trade, .orderbook:
            guard let instrument = Instrument(identifier) else { return nil }
            self =
                switch kind {
                case .price: .price(instrument)
                case .trade: .trade(instrument)
                default: .orderbook(instrument)
                }
        case .chart:
            guard Instrument.isAssetCode(identifier) else { return nil }
            self = .chart(String(identifier))
        case .user, .portfolio, .orders:
            guard let owner = UserID(identifier) else { return nil }
            self =
                switch kind {
                case .user: .user(owner)
                case .portfolio: .portfolio(owner)
                default: .orders(owner)
                }
        case .group:
            guard Self.isGroupID(identifier) else { return nil }
            self = .group(String(identifier))
        }
    }

    /// The room of a chart's symbol, which may be the asset or a pair, in any case: `BTC` and `btc-usdc` are `chart:BTC`.
    public static func chartRoom(ofSymbol symbol: some StringProtocol) -> Room? {
        let capitals = Instrument.capitalised(symbol)
        return Room(kind: .chart, identifier: Instrument(capitals)?.base ?? capitals)
    }

    /// The name clients and publishers use.
    public var name: String {
        var name = kind.rawValue
        name += ":"
        name += identifier
        return name
    }

    /// What stands behind the colon of the name.
    public var identifier: String {
        switch self {
        case .price(let instrument), .trade(let instrument), .orderbook(let instrument): instrument.description
        case .user(let id), .portfolio(let id), .orders(let id): id.rawValue
        case .chart(let text), .group(let text): text
        }
    }

    /// Whether the text is a group's id, `[A-Za-z0-9_-]{8,64}`.
    private static func isGroupID(_ text: some StringProtocol) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default:
                    false
                }
            }
    }
}
