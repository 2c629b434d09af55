import Foundation
import Synchronization

/// One line on standard error that says how far a long command has come, written over itself. Silent where standard error is no terminal: logs
/// and pipes get results only.
final class ProgressLine: Sendable {
    private static let gap = Duration.milliseconds(100)

    private let isShown: Bool
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(isShown: Bool = isatty(STDERR_FILENO) == 1) {
        self.isShown = isShown
    }

    /// Shows the text, at most ten times a second.
    func show(_ text: @autoclosure () -> String) {
        guard isShown else { return }
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < Self.gap { return false }
            last = now
            return true
        }
        if isDue { write("\r\u{1B}[K\(text())") }
    }

    /// Takes the line away, for what comes after it.
    func clear() {
        let wasThere = last.withLock { last in
            defer { last = nil }
            return last != nil
        }
        guard wasThere else { return }
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) { StandardError.write(text) }
}
