/// Wall time and the server's CPU time since a moment.
struct Stopwatch {
    private let server: ServerProcess?
    private let start = ContinuousClock.now
    private let cpuStart: Duration

    init(_ server: ServerProcess?) throws {
        self.server = server
        self.cpuStart = try server?.cpuTime() ?? .zero
    }

    /// Seconds that have passed.
    func seconds() -> Double { Self.seconds(ContinuousClock.now - start) }

    /// Seconds of CPU time that the server has taken; `nil` where its process is not known.
    func serverSeconds() throws -> Double? {
        guard let server else { return nil }
        return Self.seconds(try server.cpuTime() - cpuStart)
    }

    static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
