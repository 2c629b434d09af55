import Foundation
import Synchronization

/// A process that ends when this one does.
final class RunningProcess: Sendable {
    private struct State {
        var pid: pid_t = 0
        var input: Pipe?
        var shell: Process?
    }

    private let state = Mutex(State())

    /// The shell says the number of the process, and kills it when its input ends.
    private static let script =
        #"log=$1; shift; "$@" </dev/null >"$log" 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait 2>/dev/null"#

    func start(_ program: String, _ arguments: [String], log: URL) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", log.path, program] + arguments
        let (input, output) = (Pipe(), Pipe())
        shell.standardInput = input
        shell.standardOutput = output
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        try? output.fileHandleForReading.close()
        let pid = pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        state.withLock { $0 = State(pid: pid, input: input, shell: shell) }
    }

    var isRunning: Bool {
        let pid = state.withLock { $0.pid }
        return pid > 0 && Foundation.kill(pid, 0) == 0
    }

    func signal(_ signal: Int32) {
        let pid = state.withLock { $0.pid }
        if pid > 0 { _ = Foundation.kill(pid, signal) }
    }

    /// Kills it and waits until it is gone.
    func kill() {
        signal(SIGKILL)
        let last = state.withLock { state in
            defer { state = State() }
            return state
        }
        try? last.input?.fileHandleForWriting.close()
        last.shell?.waitUntilExit()
    }

    deinit { kill() }
}
