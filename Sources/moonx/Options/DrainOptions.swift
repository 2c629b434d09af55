import ArgumentParser

/// How long the end may take.
struct DrainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Over which time connections end after SIGTERM or SIGINT: 10s, 2m, or 0; a second signal ends at once. Default: 1s for up, 10s for gateway",
            valueName: "duration"
        )
    )
    var drainTime: String?

    func validate() throws {
        _ = try time(default: .zero)
    }

    func time(default fallback: Duration) throws -> Duration {
        guard let text = Setting.text(drainTime, "drain-time") else { return fallback }
        guard let time = text == "0" ? .zero : Duration(shortText: text), time >= .zero, time <= Self.longest else {
            throw ValidationError("--drain-time must look like 10s or 2m, at most 1h, or be 0, not “\(text)”")
        }
        return time
    }

    private static let longest = Duration.seconds(3600)
}
