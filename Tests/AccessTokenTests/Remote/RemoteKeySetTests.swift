import Foundation
import GatewayDomain
import Synchronization
import Testing

@testable import AccessToken

/// When a key set is fetched, and what is in force meanwhile.
@Suite struct RemoteKeySetTests {
    /// Stands in for the network and the clock.
    final class World: Sendable {
        struct Unreachable: Error {}

        private let document = Mutex<String?>(nil)
        private let time = Mutex(Duration.zero)
        private let downloadCount = Mutex(0)
        private let reported = Mutex<[TokenKeyError]>([])
        private let pauseLengths: AsyncStream<Duration>.Continuation
        /// How long the set wants to pause, each time it does.
        let pauses: AsyncStream<Duration>
        private let wakeUps = AsyncStream<Void>.makeStream()
        private let answers = AsyncStream<Void>.makeStream()
        private let isHeld = Mutex(false)

        init() {
            (pauses, pauseLengths) = AsyncStream.makeStream()
        }

        var downloads: Int { downloadCount.withLock { $0 } }
        var failures: [TokenKeyError] { reported.withLock { $0 } }

        func serve(_ keys: TokenKeys...) throws {
            let text = try KeySetServer.document(of: keys)
            document.withLock { $0 = text }
        }

        func breakDown() { document.withLock { $0 = nil } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
        func wakeUp() { wakeUps.continuation.yield() }
        /// Answers stay away until they are let through.
        func hold() { isHeld.withLock { $0 = true } }
        func letThrough() {
            isHeld.withLock { $0 = false }
            answers.continuation.yield()
        }

        func keySet(_ rules: RemoteKeySetRules = RemoteKeySetRules()) async throws -> RemoteKeySet {
            try await RemoteKeySet(
                source: "https://keys.example/",
                rules: rules,
                download: { [self] in
                    downloadCount.withLock { $0 += 1 }
                    if isHeld.withLock({ $0 }) { for await _ in answers.stream { break } }
                    guard let text = document.withLock({ $0 }) else { throw Unreachable() }
                    return Array(text.utf8)
                },
                uptime: { [self] in time.withLock { $0 } },
                sleep: { [self] duration in
                    pauseLengths.yield(duration)
                    for await _ in wakeUps.stream { return }
                    throw CancellationError()
                },
                onFailure: { [self] error in reported.withLock { $0.append(error) } }
            )
        }
    }

    private let world = World()

    @Test func unknownKeysAreLookedForOnceInAWhile() async throws {
        let workshop = try await TokenWorkshop()
        try world.serve(workshop.keys)
        let keys = try await world.keySet(RemoteKeySetRules(minimumInterval: .seconds(10)))
        let stranger = try await TokenWorkshop().token()
        let verifier = workshop.verifier(keys: keys)
        for _ in 0..<50 {
            #expect(
                await failure { () throws(AccessTokenError) in try await verifier.verify(stranger) } == .invalid(reason: "unknown key id")
            )
        }
        #expect(world.downloads == 1)
        #expect(keys.statistics.refusedLookups == 50)
        world.advance(by: .seconds(10))
        for _ in 0..<50 { _ = await failure { () throws(AccessTokenError) in try await verifier.verify(stranger) } }
        #expect(world.downloads == 2)
        #expect(keys.statistics.changes == 0)
    }

    @Test func manyWhoNeedANewKeyWaitForOneFetch() async throws {
        let old = try await TokenWorkshop()
        let new = try await TokenWorkshop()
        try world.serve(old.keys)
        let keys = try await world.keySet()
        let token = try await new.token()
        try world.serve(old.keys, new.keys)
        world.advance(by: .seconds(60))
        world.hold()
        let verifier = old.verifier(keys: keys)
        let good = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<30 {
                group.addTask { await failure { () throws(AccessTokenError) in try await verifier.verify(token) } == nil }
            }
            world.letThrough()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(good == 30)
        #expect(world.downloads == 2)
    }

    @Test func wrongSignaturesAndAlgorithmsFetchNothing() async throws {
        let workshop = try await TokenWorkshop()
        try world.serve(workshop.keys)
        let keys = try await world.keySet(RemoteKeySetRules(minimumInterval: .zero))
        let verifier = workshop.verifier(keys: keys)
        let other = try await TokenWorkshop().token(header: #"{"alg":"ES256","kid":"\#(workshop.keyID)"}"#)
        let none = try await workshop.token(header: #"{"alg":"none","kid":"unknown"}"#)
        for token in [other, none, "a.b.c", ""] {
            #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(token) } != nil)
        }
        #expect(world.downloads == 1)
    }

    @Test func aRememberedTokenGoesWithItsKey() async throws {
        let old = try await TokenWorkshop()
        let new = try await TokenWorkshop()
        try world.serve(old.keys)
        let keys = try await world.keySet()
        let verifier = old.verifier(keys: keys)
        let token = try await old.token()
        for _ in 0..<3 { #expect(try await verifier.verify(token).tokenID == "token-1") }
        #expect(verifier.cacheStatistics.hits == 2)
        try world.serve(new.keys)
        await keys.refresh()
        #expect(await failure { () throws(AccessTokenError) in try await verifier.verify(token) } == .invalid(reason: "unknown key id"))
    }

    @Test func keepsFreshAndTriesSoonerAfterAFailure() async throws {
        let workshop = try await TokenWorkshop()
        try world.serve(workshop.keys)
        let keys = try await world.keySet(RemoteKeySetRules(refreshInterval: .seconds(300), minimumInterval: .seconds(10)))
        let task = Task { await keys.run() }
        var pauses = world.pauses.makeAsyncIterator()
        #expect(await pauses.next() == .seconds(300))
        world.breakDown()
        world.wakeUp()
        #expect(await pauses.next() == .seconds(10))
        #expect(keys.statistics == RemoteKeySetStatistics(fetches: 2, failures: 1))
        #expect(world.failures.map(\.code) == [.unreadable])
        try world.serve(workshop.keys)
        world.wakeUp()
        #expect(await pauses.next() == .seconds(300))
        #expect(keys.statistics == RemoteKeySetStatistics(fetches: 3, failures: 1))
        task.cancel()
        await task.value
    }
}
