/// A traded pair, such as `BTC-USDC`: two asset codes of two to ten capital letters.
public struct Instrument: Hashable, Sendable, CustomStringConvertible {
    /// The pair as it stands in room names and envelopes, such as `BTC-USDC`.
    public let description: String
    private let baseLength: Int

    /// Returns `nil` unless the text is exactly `[A-Z]{2,10}-[A-Z]{2,10}`.
    public init?(_ text: some StringProtocol) { self.init(String(text)) }

    /// As ``init(_:)-(StringProtocol)``; published events come this way, one after the other.
    public init?(_ text: String) {
        var text = text
        guard let baseLength = text.withUTF8(Self.baseLength) else { return nil }
        self.description = text
        self.baseLength = baseLength
    }

    /// The length of the first asset code; `nil` where the text is no pair.
    private static func baseLength(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard (5...21).contains(text.count) else { return nil }
        var dash: Int?
        for index in text.indices where !capitals.contains(text[index]) {
            guard text[index] == UInt8(ascii: "-"), dash == nil else { return nil }
            dash = index
        }
        guard let dash, (2...10).contains(dash), (2...10).contains(text.count - dash - 1) else { return nil }
        return dash
    }

    /// The instrument a client means that may have written the letters in lower case; `nil` where it is none.
    public static func normalised(_ text: some StringProtocol) -> Instrument? {
        let text = String(text)
        return Instrument(text) ?? Instrument(capitalised(text))
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
