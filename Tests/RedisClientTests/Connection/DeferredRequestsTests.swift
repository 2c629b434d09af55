import NIOCore
import Testing

@testable import RedisClient

@Suite("DeferredRequests")
struct DeferredRequestsTests {
    private static let error = RedisError(.redirection, "down")

    private static func request(_ name: String, deadline: NIODeadline = .distantFuture) -> RedisRequest {
        RedisRequest(RedisCommand(name), deadline: deadline, done: nil)
    }

    /// What becomes of a command, in a word.
    private static func word(_ outcome: DeferredRequests.Outcome) -> String {
        switch outcome {
        case .free: "free"
        case .held: "held"
        case .late(let error): "late \(error.message)"
        }
    }

    @Test func whatComesBackGoesBeforeWhatCameLater() {
        var deferred = DeferredRequests()
        let (lane, until) = (DeferredRequests.Lane.server, NIODeadline.uptimeNanoseconds(100))
        #expect(Self.word(deferred.hold(Self.request("A"), in: lane)) == "free" && deferred.isEmpty)
        deferred.putOff(Self.request("A"), in: lane, until: until, Self.error)
        #expect(Self.word(deferred.hold(Self.request("C"), in: lane)) == "held")
        // It was under way when A came back.
        deferred.putOff(Self.request("B"), in: lane, until: until, Self.error)
        #expect(deferred.time(of: lane) == until)
        #expect(deferred.release(lane).map(\.command.name) == ["A", "B", "C"])
        #expect(deferred.isEmpty && deferred.release(lane).isEmpty)
    }

    @Test func otherPlacesAreNotHeldUp() throws {
        var deferred = DeferredRequests()
        let (one, two) = (try #require(HashSlot(number: 1)), try #require(HashSlot(number: 2)))
        deferred.putOff(Self.request("A"), in: .slot(one), until: .distantFuture, Self.error)
        #expect(Self.word(deferred.hold(Self.request("B"), in: .slot(two))) == "free")
        #expect(Self.word(deferred.hold(Self.request("B"), in: .anyNode)) == "free")
        deferred.putOff(Self.request("C"), in: .anyNode, until: .distantFuture, Self.error)
        #expect(Set(deferred.removeAll().map(\.command.name)) == ["A", "C"])
        #expect(deferred.isEmpty)
    }

    @Test func whatCannotBeSentInTimeDoesNotWait() {
        var deferred = DeferredRequests()
        deferred.putOff(Self.request("A"), in: .server, until: .uptimeNanoseconds(100), Self.error)
        let outcome = deferred.hold(Self.request("B", deadline: .uptimeNanoseconds(100)), in: .server)
        #expect(Self.word(outcome) == "late down")
        #expect(deferred.release(.server).map(\.command.name) == ["A"])
    }
}
