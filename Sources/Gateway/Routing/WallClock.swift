import Foundation

/// The time of day, as it stands in payloads.
enum WallClock {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1000)
    }

    /// ISO 8601 with milliseconds, in UTC. As UTF-8. Asked for with each `ping` of each client:
    /// Foundation's styles take longer than all the rest of that.
    static func iso8601(_ milliseconds: Int64) -> InlineArray<24, UInt8> {
        let (days, time) = (milliseconds.floored(by: 86_400_000), milliseconds - milliseconds.floored(by: 86_400_000) * 86_400_000)
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days: years begin in March, eras are of 400 years.
        let shifted = days + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var text = InlineArray<24, UInt8>(repeating: 0)
        var index = 0
        func write(_ value: Int64, _ width: Int, _ end: Unicode.Scalar) {
            var rest = value
            for place in stride(from: index + width - 1, through: index, by: -1) {
                text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            text[index + width] = UInt8(ascii: end)
            index += width + 1
        }
        write(year, 4, "-")
        write(month, 2, "-")
        write(day, 2, "T")
        write(time / 3_600_000, 2, ":")
        write(time / 60_000 % 60, 2, ":")
        write(time / 1000 % 60, 2, ".")
        write(time % 1000, 3, "Z")
        return text
    }
}

extension Int64 {
    /// The quotient, rounded down.
    fileprivate func floored(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor)
    }
}
