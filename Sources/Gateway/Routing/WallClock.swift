import Foundation

/// The time of day, as it stands in payloads.
enum WallClock {
    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1000)
    }

    /// ISO 8601 with milliseconds, in UTC.
    static func iso8601(_ milliseconds: Int64) -> String {
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().time(includingFractionalSeconds: false)
        // The style cuts off what a binary fraction lacks of a millisecond, so the milliseconds are written here.
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(style)).\(fraction)Z"
    }
}
