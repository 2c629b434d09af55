import Foundation
import Testing

@testable import Gateway

@Suite("WallClock")
struct WallClockTests {
    private static func iso8601(_ milliseconds: Int64) -> String {
        let text = WallClock.iso8601(milliseconds)
        return String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"), (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400_007, "2100-03-01T00:00:00.007Z"),
        ] as [(Int64, String)]
    )
    func iso8601(_ milliseconds: Int64, _ text: String) {
        #expect(Self.iso8601(milliseconds) == text)
    }

    /// Foundation agrees, on each day of more than a hundred years.
    @Test func iso8601OfManyDays() {
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day().time(includingFractionalSeconds: false)
        for day in 0..<40_000 as Range<Int64> {
            let seconds = day * 86_400 + day * 7919 % 86_400
            #expect(Self.iso8601(seconds * 1000) == Date(timeIntervalSince1970: Double(seconds)).formatted(style) + ".000Z")
        }
    }
}
