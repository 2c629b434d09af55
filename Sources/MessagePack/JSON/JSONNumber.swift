/// The value of a JSON number in MessagePack.
enum JSONNumber {
    case integer(Int64)
    case unsigned(UInt64)
    case double(Double)

    /// Reads `text`, a number as a scanner accepts it. Integers of 64 bits stay integers; minus zero is a float, as integers have none.
    init(_ text: String) {
        let isMinusZero = text == "-0"
        if !isMinusZero, let value = Int64(text) {
            self = .integer(value)
        } else if !isMinusZero, let value = UInt64(text) {
            self = .unsigned(value)
        } else {
            // A number beyond all doubles becomes infinite, as it does in JavaScript.
            self = .double(Double(text) ?? (text.utf8.first == UInt8(ascii: "-") ? -.infinity : .infinity))
        }
    }

    /// Whether the value is that of `text` to the last digit, taking the shortest text of a float for its value.
    func isExact(_ text: String) -> Bool {
        guard case .double(let value) = self else { return true }
        return value.isFinite && Self.normalized(text) == Self.normalized("\(value)")
    }

    /// Sign, digits without zeros at either end, and the power of ten of the digit after the last; zero has no digits.
    private static func normalized(_ text: String) -> Decimal {
        var decimal = Decimal()
        var exponent = 0
        var hasPoint = false
        var units = text.utf8[...]
        if units.first == UInt8(ascii: "-") {
            decimal.isNegative = true
            units = units.dropFirst()
        }
        while let unit = units.popFirst() {
            switch unit {
            case UInt8(ascii: "."): hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // An exponent beyond half of Int belongs to a number whose double is zero or infinite: any other value does.
                let written = Int(String(units) ?? "") ?? (units.first == UInt8(ascii: "-") ? .min : .max)
                exponent += max(Int.min / 2, min(Int.max / 2, written))
                units = units.suffix(0)
            default:
                if unit != UInt8(ascii: "0") || !decimal.digits.isEmpty { decimal.digits.append(unit) }
                if hasPoint { exponent -= 1 }
            }
        }
        while decimal.digits.last == UInt8(ascii: "0") {
            decimal.digits.removeLast()
            exponent += 1
        }
        decimal.exponent = decimal.digits.isEmpty ? 0 : exponent
        return decimal
    }

    private struct Decimal: Equatable {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0
    }
}
