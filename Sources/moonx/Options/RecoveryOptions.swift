import ArgumentParser
import SocketIO

/// How long clients may be away.
struct RecoveryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a client may be away and get back its rooms and the trades, orders and messages it missed: 90s, 2m; 0 for never. Default: 2m",
            valueName: "duration"
        )
    )
    var recoveryWindow: String?

    func validate() throws {
        _ = try recovery()
    }

    /// The settings of connection state recovery; `nil` where it is off.
    func recovery() throws -> RecoveryConfiguration? {
        let text = Setting.text(recoveryWindow, "recovery-window") ?? "2m"
        guard let window = text == "0" ? .zero : Duration(shortText: text), window >= .zero, window <= Self.longest else {
            throw ValidationError("--recovery-window must look like 90s or 2m, at most 1h, or be 0, not “\(text)”")
        }
        guard window > .zero else { return nil }
        var recovery = RecoveryConfiguration()
        recovery.window = window
        return recovery
    }

    /// Everything missed meanwhile is kept in memory.
    private static let longest = Duration.seconds(3600)
}
