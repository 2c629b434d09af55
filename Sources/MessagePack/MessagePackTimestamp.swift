/// A point in time as the extension type -1 holds it: nanoseconds, over 584 thousand million years.
public struct MessagePackTimestamp: Hashable, Sendable {
    /// The number that the specification gave to the type.
    public static let type: Int8 = -1

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64
    /// What is to be added, 0 to 999,999,999.
    public var nanoseconds: UInt32

    /// A point in time. `nanoseconds` over 999,999,999 is an error of the program.
    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        precondition(nanoseconds < 1_000_000_000, "a second has 1,000,000,000 nanoseconds")
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Milliseconds since 1970, as JavaScript's `Date` counts.
    public init(milliseconds: Int64) {
        let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        seconds = remainder < 0 ? quotient - 1 : quotient
        nanoseconds = UInt32(remainder < 0 ? remainder + 1_000 : remainder) * 1_000_000
    }

    /// Whole milliseconds since 1970, rounded down; `nil` where they do not fit.
    public var milliseconds: Int64? {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return nil }
        let (sum, carry) = product.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
        return carry ? nil : sum
    }

    /// Reads the data of an extension of type -1: 4, 8 or 12 bytes. `nil` where it is something else, or has too many nanoseconds.
    public init?(_ data: some RandomAccessCollection<UInt8>) {
        func integer(_ range: Range<Int>) -> UInt64 {
            range.reduce(0) { $0 << 8 | UInt64(data[data.index(data.startIndex, offsetBy: $1)]) }
        }
        let seconds: Int64
        let nanoseconds: UInt64
        switch data.count {
        case 4:
            seconds = Int64(integer(0..<4))
            nanoseconds = 0
        case 8:
            let both = integer(0..<8)
            seconds = Int64(both & (1 << 34 - 1))
            nanoseconds = both >> 34
        case 12:
            nanoseconds = integer(0..<4)
            seconds = Int64(bitPattern: integer(4..<12))
        default: return nil
        }
        guard nanoseconds < 1_000_000_000 else { return nil }
        self.seconds = seconds
        self.nanoseconds = UInt32(nanoseconds)
    }

    /// `2026-11-23T23:20:39.000Z`, as JavaScript's `Date` writes itself in JSON; `nil` beyond the 8.64e15 ms that a `Date` spans.
    public var iso8601: String? {
        guard let milliseconds, milliseconds.magnitude <= 8_640_000_000_000_000 else { return nil }
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let second = Int(seconds - days * 86_400)
        let (year, month, day) = Self.civil(days)
        let date = "\(Self.year(year))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let time = "\(Self.padded(second / 3_600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
        return "\(date)T\(time).\(Self.padded(Int(nanoseconds / 1_000_000), 3))Z"
    }

    /// The date of a day since 1970 in the Gregorian calendar, reckoned in eras of 400 years that begin on the first of March.
    private static func civil(_ days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Years outside 0 to 9999 have a sign and six digits (ECMA-262, "Expanded Years").
    private static func year(_ year: Int) -> String {
        (0...9_999).contains(year) ? padded(year, 4) : (year < 0 ? "-" : "+") + padded(abs(year), 6)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
