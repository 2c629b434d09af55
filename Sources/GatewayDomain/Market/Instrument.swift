/// A traded pair, such as `BTC-USDC`: two asset codes of two to ten capital letters.
public struct Instrument: Hashable, Sendable, CustomStringConvertible {
    /// The pair as it stands in room names and envelopes, such as `BTC-USDC`.
    public let description: String
    private let baseLength: Int

    /// Returns `nil` unless the text is exactly `[A-Z]{2,10}-[A-Z]{2,10}`.
    public init?(_ text: some StringProtocol) {
        guard let dash = text.utf8.firstIndex(of: UInt8(ascii: "-")),
            Self.isAssetCode(text[..<dash]),
            Self.isAssetCode(text[text.utf8.index(after: dash)...])
        else { return nil }
        self.description = String(text)
        self.baseLength = text.utf8.distance(from: text.utf8.startIndex, to: dash)
    }

    /// The instrument a client means that may have written the letters in lower case; `nil` where it is none.
    public static func normalised(_ text: some StringProtocol) -> Instrument? {
        Instrument(capitalised(text))
    }

    /// The asset that is bought and sold, such as `BTC`.
    public var base: String { String(description.utf8.prefix(baseLength))! }

    /// The asset the price is counted in, such as `USDC`.
    public var quote: String { String(description.utf8.dropFirst(baseLength + 1))! }

    /// Whether the text is one asset code, `[A-Z]{2,10}`.
    public static func isAssetCode(_ text: some StringProtocol) -> Bool {
        (2...10).contains(text.utf8.count) && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// The text with `a` to `z` as capitals. Unicode's own rules would let `ß` in as `SS`.
    public static func capitalised(_ text: some StringProtocol) -> String {
        let capitals = text.utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 32 : $0 }
        return String(decoding: capitals, as: UTF8.self)
    }
}
