import ArgumentParser
import SocketIO

/// How long clients may be away, and how much of what they miss is kept.
struct RecoveryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long a client may be away and get back its rooms and the trades, orders and messages it missed: 90s, 2m; 0 for never. Default: 2m",
            valueName: "duration"
        )
    )
    var recoveryWindow: String?

    @Option(help: "Bytes of events kept for clients that are away. Default: 67108864, or 8 times --recovery-room-bytes where that is more")
    var recoveryLogBytes: Int?

    @Option(help: "Bytes of these for one room. Default: 8388608, or 8 times --queue-bytes where that is more")
    var recoveryRoomBytes: Int?

    @Option(help: "Bytes that a client may have missed and get back its session. Default: twice --recovery-room-bytes")
    var recoveryReplayBytes: Int?

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
        recovery.maxLogBytes = try count(recoveryLogBytes, "recovery-log-bytes")
        recovery.maxRoomLogBytes = try count(recoveryRoomBytes, "recovery-room-bytes")
        recovery.maxReplayBytes = try count(recoveryReplayBytes, "recovery-replay-bytes")
        return recovery
    }

    /// `nil` where nothing is said: the bound then follows `--queue-bytes`.
    private func count(_ flag: Int?, _ name: String) throws -> Int? {
        guard flag != nil || Setting.text(nil, name) != nil else { return nil }
        let count = try Setting.value(flag, name, default: 0)
        guard (1...1_000_000_000_000).contains(count) else {
            throw ValidationError("--\(name) must be from 1 to 1000000000000, not \(count)")
        }
        return count
    }

    /// Everything missed meanwhile is kept in memory.
    private static let longest = Duration.seconds(3600)
}
