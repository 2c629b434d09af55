import SocketIO
import SocketIOCore
import SocketIOTesting
import Testing

@Suite("MemorySessionStore")
struct MemorySessionStoreTests {
    private func session(_ pid: String) -> SavedSession {
        let reader = RecoveryReader(socketID: "socket of \(pid)", connectedAt: 0, rooms: [:])
        return SavedSession(pid: pid, socketID: "socket of \(pid)", namespace: "/", data: nil, epoch: "e", reader: reader)
    }

    @Test func aSessionIsTakenOnceAndNotAfterItsTime() {
        let clock = ManualClock()
        let store = MemorySessionStore(maximumSessions: 10) { clock.now }
        store.save(session("a"), for: .seconds(10))
        store.save(session("b"), for: .seconds(10))
        #expect(store.find("a")?.socketID == "socket of a")
        #expect(store.take("a")?.socketID == "socket of a")
        #expect(store.take("a") == nil)
        clock.advance(by: .seconds(10))
        #expect(store.find("b") != nil)
        clock.advance(by: .nanoseconds(1))
        #expect(store.find("b") == nil)
        #expect(store.take("b") == nil)
        #expect(store.sessionCounts == (0, 0))
    }

    @Test func overTheBoundTheOldestGoesAndIsCounted() {
        let clock = ManualClock()
        let store = MemorySessionStore(maximumSessions: 3) { clock.now }
        for pid in ["a", "b", "c"] { store.save(session(pid), for: .seconds(10)) }
        // One that comes and goes again is the newest.
        store.save(session("a"), for: .seconds(10))
        #expect(store.sessionCounts == (3, 0))
        store.save(session("d"), for: .seconds(10))
        #expect(store.sessionCounts == (3, 1))
        #expect(store.find("b") == nil)
        #expect(["a", "c", "d"].allSatisfy { store.find($0) != nil })
    }

    @Test func whatHasExpiredIsNoEviction() {
        let clock = ManualClock()
        let store = MemorySessionStore(maximumSessions: 2) { clock.now }
        for round in 0..<100 {
            store.save(session("\(round)"), for: .seconds(1))
            clock.advance(by: .seconds(2))
        }
        #expect(store.sessionCounts == (1, 0))
    }
}
