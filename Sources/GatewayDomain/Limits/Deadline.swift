/// What was asked for has not come in time.
public struct DeadlineError: Error, CustomStringConvertible {
    /// How long was waited.
    public let limit: Duration

    /// In one line.
    public var description: String { "it took longer than \(limit)" }
}

/// Runs `body`, which must end when its task is cancelled, for no longer than `limit`.
///
/// - Throws: ``DeadlineError``, or what `body` throws.
public func within<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw DeadlineError(limit: limit) }
        return value
    }
}
