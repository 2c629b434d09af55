import Testing

@testable import SocketIO

@Suite("Bounds of recovery")
struct RecoveryBoundsTests {
    private var configuration = RecoveryConfiguration()
    private let mebibyte = 1 << 20

    private func bounds(queue: Int) -> (log: Int, room: Int, replay: Int) {
        let bounds = RecoveryBounds(configuration, maxQueuedBytes: queue)
        return (bounds.log, bounds.room, bounds.replay)
    }

    @Test func whatWaitedWhenAClientWasClosedIsFoundInTheLogAndSent() {
        #expect(bounds(queue: mebibyte) == (64 * mebibyte, 8 * mebibyte, 16 * mebibyte))
        #expect(bounds(queue: 1_000) == (64 * mebibyte, 8 * mebibyte, 16 * mebibyte))
        #expect(bounds(queue: 10 * mebibyte) == (640 * mebibyte, 80 * mebibyte, 160 * mebibyte))
        #expect(bounds(queue: .max) == (.max, .max, .max))
    }

    @Test mutating func whatIsSaidIsInForce() {
        configuration.maxRoomLogBytes = 1_000
        #expect(bounds(queue: mebibyte) == (64 * mebibyte, 1_000, 2_000))
        configuration.maxReplayBytes = 300
        configuration.maxLogBytes = 4_000
        #expect(bounds(queue: mebibyte) == (4_000, 1_000, 300))
    }

    @Test mutating func whatClientsWriteHasAQuarter() {
        #expect(RecoveryBounds(configuration, maxQueuedBytes: mebibyte).written == 0)
        configuration.isWrittenByClients = { $0.hasPrefix("group:") }
        let bounds = RecoveryBounds(configuration, maxQueuedBytes: mebibyte)
        #expect((bounds.log, bounds.written) == (64 * mebibyte, 16 * mebibyte))
        #expect(RecoveryBounds(configuration, maxQueuedBytes: .max).written == .max / 4)
        configuration.maxLogBytes = 4_000
        #expect(RecoveryBounds(configuration, maxQueuedBytes: mebibyte).written == 1_000)
    }
}
