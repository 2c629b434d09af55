import GatewayDomain
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("RevocationSweep", .timeLimit(.minutes(1)))
struct RevocationSweepTests {
    /// Sweeps that are over when the test says so.
    private final class Sweeps: Sendable {
        let begun: AsyncStream<RevocationBatch>
        private let begin: AsyncStream<RevocationBatch>.Continuation
        private let open = Mutex<[EventLoopPromise<Void>]>([])
        private let begunCount = Atomic(0)

        init() { (begun, begin) = AsyncStream.makeStream() }

        var count: Int { begunCount.load(ordering: .relaxed) }

        func sweep(_ batch: RevocationBatch, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
            let promise = eventLoop.makePromise(of: Void.self)
            open.withLock { $0.append(promise) }
            begunCount.add(1, ordering: .relaxed)
            begin.yield(batch)
            return promise.futureResult
        }

        /// Ends those that have begun.
        func end() {
            let promises = open.withLock { open in
                defer { open = [] }
                return open
            }
            for promise in promises { promise.succeed() }
        }
    }

    private func revocation(_ token: String) -> Revocation { Revocation(subject: .token(id: TokenID(token)), revokedAt: 5, expiresAt: 100) }

    private func run(_ body: (Sweeps, RevocationSweep, any EventLoopGroup) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (sweeps, eventLoop) = (Sweeps(), group.next())
        let sweep = RevocationSweep(eventLoop: eventLoop) { sweeps.sweep($0, on: eventLoop) }
        let result: Result<Void, any Error>
        do { result = .success(try await body(sweeps, sweep, group)) } catch { result = .failure(error) }
        sweep.close()
        sweeps.end()
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test func thoseThatComeDuringASweepAreLookedForTogether() async throws {
        let alice = try #require(UserID("alice-0001"))
        try await run { sweeps, sweep, _ in
            var begun = sweeps.begun.makeAsyncIterator()
            sweep.add(revocation("first"))
            let first = try #require(await begun.next())
            #expect(first.ends(Principal(userID: alice, tokenID: "first")))
            for number in 0..<1000 { sweep.add(revocation("t\(number)")) }
            sweep.add(Revocation(subject: .user(alice), revokedAt: 5, expiresAt: 100))
            sweeps.end()
            let second = try #require(await begun.next())
            #expect((0..<1000).allSatisfy { second.ends(Principal(userID: alice, tokenID: "t\($0)", issuedAt: 6)) })
            #expect(second.ends(Principal(userID: alice, issuedAt: 5)))
            #expect(!second.ends(Principal(userID: alice, tokenID: "first", issuedAt: 6)))
            sweeps.end()
            // One that comes later, alone.
            sweep.add(revocation("last"))
            let third = try #require(await begun.next())
            #expect(third.ends(Principal(userID: alice, tokenID: "last")))
            #expect(!third.ends(Principal(userID: alice, tokenID: "t1", issuedAt: 5)))
            #expect(sweeps.count == 3)
        }
    }

    /// A loop that has ended is given nothing to do: NIO would say so, and a promise be lost.
    @Test func afterTheEndNoneBegins() async throws {
        try await run { sweeps, sweep, group in
            var begun = sweeps.begun.makeAsyncIterator()
            sweep.add(revocation("first"))
            _ = await begun.next()
            sweep.add(revocation("second"))
            sweep.close()
            sweeps.end()
            try await group.shutdownGracefully()
            sweep.add(revocation("third"))
            #expect(sweeps.count == 1)
        }
    }
}
