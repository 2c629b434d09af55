import RESP
import Synchronization

/// Gathers the answers to commands that were sent together.
final class PipelineAnswers: Sendable {
    private let state: Mutex<(answers: [Result<RESPValue, RedisError>?], missing: Int)>
    private let done: @Sendable ([Result<RESPValue, RedisError>]) -> Void

    init(count: Int, done: @escaping @Sendable ([Result<RESPValue, RedisError>]) -> Void) {
        self.state = Mutex((Array(repeating: nil, count: count), count))
        self.done = done
    }

    func set(_ index: Int, _ answer: Result<RESPValue, RedisError>) {
        let all = state.withLock { state -> [Result<RESPValue, RedisError>]? in
            state.answers[index] = answer
            state.missing -= 1
            return state.missing == 0 ? state.answers.compactMap { $0 } : nil
        }
        if let all { done(all) }
    }
}
