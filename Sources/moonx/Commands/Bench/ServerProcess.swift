import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process whose costs are read from `/proc`: Linux only.
struct ServerProcess {
    let id: Int32

    /// The CPU time of all its threads, in user mode and in the kernel. In steps of 10 ms.
    func cpuTime() throws -> Duration {
        let text = try SmallFile.read("/proc/\(id)/stat")
        // The name in brackets may hold blanks; what follows it may not. `utime` and `stime` are fields 14 and 15 (proc(5)).
        guard let end = text.lastIndex(of: ")") else { throw unreadable("stat") }
        let fields = text[end...].split(separator: " ").dropFirst()
        let index = fields.startIndex + 11
        guard fields.indices.contains(index + 1), let user = Int(fields[index]), let system = Int(fields[index + 1]) else {
            throw unreadable("stat")
        }
        return .nanoseconds((user + system) * (1_000_000_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }

    /// Resident memory in bytes (`VmRSS`).
    func residentBytes() throws -> Int {
        let text = try SmallFile.read("/proc/\(id)/status")
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw unreadable("status") }
        return kilobytes * 1_024
    }

    /// The most resident memory of the next while, looked at five times a second.
    func mostResidentBytes(for duration: Duration) async throws -> Int {
        let deadline = ContinuousClock.now + duration
        var most = 0
        repeat {
            most = max(most, try residentBytes())
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        return most
    }

    private func unreadable(_ file: String) -> ValidationError { ValidationError("cannot make sense of /proc/\(id)/\(file)") }
}
