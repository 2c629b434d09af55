import EngineIOCore
import Testing

@Suite("Heartbeat")
struct HeartbeatTests {
    private let interval = Duration.seconds(25)
    private let timeout = Duration.seconds(20)

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    @Test func pingAndPong() {
        var heartbeat = Heartbeat(interval: interval, now: at(0))
        #expect(heartbeat.deadline == at(25))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(24)) == .wait)
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(25)) == .sendPing)
        #expect(heartbeat.deadline == at(45))
        heartbeat.pongReceived(interval: interval, now: at(30))
        #expect(heartbeat.deadline == at(55))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(45)) == .wait)
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(56)) == .sendPing)
        #expect(heartbeat.deadline == at(76))
    }

    @Test func noPong() {
        var heartbeat = Heartbeat(interval: interval, now: at(0))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(25)) == .sendPing)
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(44)) == .wait)
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(45)) == .timedOut)
    }

    @Test func anUnsolicitedPongChangesNothing() {
        var heartbeat = Heartbeat(interval: interval, now: at(0))
        heartbeat.pongReceived(interval: interval, now: at(10))
        #expect(heartbeat.deadline == at(25))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(25)) == .sendPing)
        heartbeat.pongReceived(interval: interval, now: at(26))
        heartbeat.pongReceived(interval: interval, now: at(40))
        #expect(heartbeat.deadline == at(51))
    }

    @Test func itSaysWhetherAPongAnswersAPing() {
        var heartbeat = Heartbeat(interval: interval, now: at(0))
        let unsolicited = heartbeat.pongReceived(interval: interval, now: at(1))
        #expect(!unsolicited)
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(25)) == .sendPing)
        let first = heartbeat.pongReceived(interval: interval, now: at(26))
        let second = heartbeat.pongReceived(interval: interval, now: at(27))
        #expect([first, second] == [true, false])
    }

    @Test func aClientOfProtocol3PingsOrIsGone() {
        var heartbeat = Heartbeat(listeningFor: interval + timeout, now: at(0))
        #expect(heartbeat.deadline == at(45))
        heartbeat.pingReceived(limit: interval + timeout, now: at(30))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(45)) == .wait)
        #expect(heartbeat.deadline == at(75))
        #expect(heartbeat.deadlineReached(interval: interval, timeout: timeout, now: at(75)) == .timedOut)
    }

    @Test func thePacketOfTheOtherProtocolChangesNothing() {
        var heartbeat3 = Heartbeat(listeningFor: .seconds(45), now: at(0))
        heartbeat3.pongReceived(interval: interval, now: at(10))
        #expect(heartbeat3.deadline == at(45))
        var heartbeat4 = Heartbeat(interval: interval, now: at(0))
        heartbeat4.pingReceived(limit: .seconds(45), now: at(10))
        #expect(heartbeat4.deadline == at(25))
    }
}
