import GatewayDomain
import NIOCore
import RESP
import RedisClient

/// Reads what is kept of rooms on Redis for their first member on a node.
struct LastValueReader: Sendable {
    let client: RedisClient

    /// How many rooms are asked for at once.
    private static let batch = 500

    /// The last values of these rooms. What cannot be read is left out.
    ///
    /// - Throws: `RedisError` where Redis does not answer, or answers that it cannot, such as while it is loading.
    func read(_ rooms: [Room]) async throws -> [Room: LastValues] {
        var result: [Room: LastValues] = [:]
        let keeping = rooms.filter(\.keepsLastValue)
        for start in stride(from: 0, to: keeping.count, by: Self.batch) {
            let part = keeping[start..<min(start + Self.batch, keeping.count)]
            let questions = part.flatMap { room in commands(for: room).map { (room: room, command: $0) } }
            for (question, answer) in zip(questions, await client.pipeline(questions.map(\.command))) {
                switch answer {
                case .success(let value): take(value, question.room, into: &result[question.room, default: LastValues()])
                // A key of another type is somebody's mistake and no reason to go without all others.
                case .failure(let error) where error.reply?.code == "WRONGTYPE": continue
                case .failure(let error): throw error
                }
            }
        }
        return result
    }

    private func commands(for room: Room) -> [RedisCommand] {
        let last = BusName.last(of: room)
        let get = RedisCommand("GET", "\(last)", key: last)
        switch room.kind {
        case .orderbook:
            let changes = BusName.changes(of: room)
            return [RedisCommand("EVAL", "\(BookScripts.read.source)", 2, "\(last)", "\(changes)", key: last)]
        case .chart:
            // Who publishes by hand keeps one value. It comes last, because it is the newest of them all.
            let candles = BusName.candles(of: room)
            return [RedisCommand("HVALS", "\(candles)", key: candles), get]
        default: return [get]
        }
    }

    private func take(_ answer: RESPValue, _ room: Room, into last: inout LastValues) {
        if room.kind == .orderbook, let parts = answer.array, parts.count == 2 {
            if let whole = envelope(parts[0]) { last.values.append(whole) }
            last.changes += (parts[1].array ?? []).compactMap(envelope)
        } else if let values = answer.array {
            last.values += values.compactMap(envelope)
        } else if let value = envelope(answer) {
            last.values.append(value)
        }
    }

    private func envelope(_ value: RESPValue) -> Envelope? {
        value.buffer.flatMap { try? Envelope(json: Array($0.readableBytesView)) }
    }
}
