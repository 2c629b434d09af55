import EngineIO
import EngineIOCore
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// All connections of the server.
final class Room: EngineApplication, EngineConnectionDelegate {
    private let members = Mutex<[EngineConnection]>([])

    func isFull(_ count: Int) async throws {
        while members.withLock({ $0.count }) < count { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// The median of the loop's CPU time, in nanoseconds, for `inFlight` messages to everybody in one pass. `eachAnew`: every member has frames
    /// of its own.
    func median(
        _ rounds: Int,
        _ inFlight: Int,
        eachAnew: Bool = false,
        _ makeFrame: @escaping @Sendable () -> OutboundFrame
    ) async throws -> Int {
        let members = members.withLock { $0 }
        guard let loop = members.first?.eventLoop else { return 0 }
        var times: [Int] = []
        for _ in 0..<rounds {
            let begun = try await loop.submit {
                let begun = Self.threadTime()
                for _ in 0..<inFlight {
                    let shared = makeFrame()
                    for member in members { member.send(eachAnew ? makeFrame() : shared) }
                }
                return begun
            }.get()
            // Behind the flush, which the first `send` has put at the end of its pass.
            let ended = try await loop.submit { Self.threadTime() }.get()
            times.append(ended - begun)
            // The clients take what they got.
            try await Task.sleep(for: .milliseconds(100))
        }
        return times.sorted()[rounds / 2]
    }

    private static func threadTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate { self }
    func connectionOpened(_ connection: EngineConnection) { members.withLock { $0.append(connection) } }
    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {}
    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {}
    func connectionDeadlineReached(_ connection: EngineConnection) {}
    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {}
}
