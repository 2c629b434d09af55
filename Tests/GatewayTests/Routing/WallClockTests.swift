import Testing

@testable import Gateway

@Suite("WallClock")
struct WallClockTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func iso8601(_ milliseconds: Int64, _ text: String) {
        #expect(WallClock.iso8601(milliseconds) == text)
    }
}
