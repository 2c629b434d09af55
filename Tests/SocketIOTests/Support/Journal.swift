/// What handlers report, in order, for the test to wait for.
final class Journal: Sendable {
    private let lines: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation

    init() {
        (lines, continuation) = AsyncStream.makeStream()
    }

    func write(_ line: String) { continuation.yield(line) }

    /// The next line; a test that waits in vain fails after thirty seconds.
    func next() async throws -> String {
        let lines = self.lines
        return try await withThrowingTaskGroup { group in
            group.addTask {
                for await line in lines { return line }
                throw NothingCame()
            }
            group.addTask {
                try await Task.sleep(for: .seconds(30))
                throw NothingCame()
            }
            defer { group.cancelAll() }
            guard let line = try await group.next() else { throw NothingCame() }
            return line
        }
    }

    struct NothingCame: Error {}
}
