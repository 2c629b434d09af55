/// A decimal number exactly as an exchange writes it: `64231.50000` keeps its five decimals.
///
/// Prices never pass through a binary float on their way through the gateway; what has to be computed (a change, a volume)
/// is computed on this. Two numbers are equal when their values are: `1.50 == 1.5`.
public struct DecimalText: Sendable {
    /// The digits without the point: 6423150000 for `64231.50000`.
    public let unscaled: Int128
    /// How many of the digits stand behind the point, 0 to `maximumScale`.
    public let scale: Int

    /// The most decimals a number can have: ten to this power still fits the digits.
    public static let maximumScale = 38

    /// The number `unscaled / 10^scale`; `nil` where `scale` is negative or over `maximumScale`.
    public init?(unscaled: Int128, scale: Int) {
        guard (0...Self.maximumScale).contains(scale) else { return nil }
        self.unscaled = unscaled
        self.scale = scale
    }

    /// Reads `-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?`; `nil` where the text is anything else, or has more digits than fit.
    public init?(_ text: some StringProtocol) {
        var digits = text.utf8[...]
        var exponent = 0
        if let mark = digits.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            guard let number = Self.exponent(digits[digits.index(after: mark)...]) else { return nil }
            exponent = number
            digits = digits[..<mark]
        }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }

        var value: Int128 = 0
        var wholeDigits = 0
        var decimals: Int?
        for byte in digits {
            switch byte {
            case UInt8(ascii: "."):
                guard decimals == nil, wholeDigits > 0 else { return nil }
                decimals = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (shifted, tooLong) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLarge) = shifted.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
                guard !tooLong, !tooLarge else { return nil }
                value = sum
                if let count = decimals { decimals = count + 1 } else { wholeDigits += 1 }
            default:
                return nil
            }
        }
        guard wholeDigits > 0, decimals != 0 else { return nil }
        self.init(isNegative ? -value : value, scale: (decimals ?? 0) - exponent)
    }

    /// Zeros at the end go where there are too many decimals for them, and come where there are fewer than none.
    private init?(_ digits: Int128, scale: Int) {
        var (digits, scale) = (digits, digits == 0 ? min(max(scale, 0), Self.maximumScale) : scale)
        while scale > Self.maximumScale, digits % 10 == 0 {
            digits /= 10
            scale -= 1
        }
        while scale < 0 {
            let (raised, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            digits = raised
            scale += 1
        }
        self.init(unscaled: digits, scale: scale)
    }

    private static func exponent(_ text: some Collection<UInt8>) -> Int? {
        let isSigned = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isSigned ? 1 : 0)
        // Four digits are more than any number that fits needs.
        guard (1...4).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return text.first == UInt8(ascii: "-") ? -number : number
    }

    /// Ten to the power of 0 to `maximumScale`.
    static func powerOfTen(_ exponent: Int) -> Int128 {
        var power: Int128 = 1
        for _ in 0..<exponent { power *= 10 }
        return power
    }
}

extension DecimalText: CustomStringConvertible {
    /// The number with exactly `scale` decimals.
    public var description: String {
        var digits = String(unscaled.magnitude)
        if scale > 0 {
            digits = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
        }
        return unscaled < 0 ? "-" + digits : digits
    }
}

extension DecimalText: Comparable, Hashable {
    /// Whether the values are the same, however many zeros follow the last digit.
    public static func == (left: DecimalText, right: DecimalText) -> Bool {
        if left.scale == right.scale { return left.unscaled == right.unscaled }
        return !(left < right) && !(right < left)
    }

    /// Compares the values. Exact for all: whole parts first, then decimals, so that nothing is scaled up beyond what fits.
    public static func < (left: DecimalText, right: DecimalText) -> Bool {
        if left.scale == right.scale { return left.unscaled < right.unscaled }
        let (leftUnit, rightUnit) = (powerOfTen(left.scale), powerOfTen(right.scale))
        let (leftWhole, leftRest) = left.unscaled.quotientAndRemainder(dividingBy: leftUnit)
        let (rightWhole, rightRest) = right.unscaled.quotientAndRemainder(dividingBy: rightUnit)
        if leftWhole != rightWhole { return leftWhole < rightWhole }
        // Each rest is smaller than its unit, so scaled to the larger scale it is smaller than that one's unit.
        let scale = max(left.scale, right.scale)
        return leftRest * powerOfTen(scale - left.scale) < rightRest * powerOfTen(scale - right.scale)
    }

    /// Equal values hash alike: trailing zeros behind the point do not count.
    public func hash(into hasher: inout Hasher) {
        var (digits, decimals) = (unscaled, scale)
        while decimals > 0, digits % 10 == 0 {
            digits /= 10
            decimals -= 1
        }
        hasher.combine(digits)
        hasher.combine(decimals)
    }
}
