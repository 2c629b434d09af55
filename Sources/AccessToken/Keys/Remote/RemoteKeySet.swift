import Foundation
import Synchronization

/// The keys of a JWKS at a URL, which may change while the program runs: keys are rotated without a restart.
///
/// The set is fetched at the start, then every ``RemoteKeySetRules/refreshInterval`` by ``run()``, and at once where a token names a key
/// that is not in it, though not more often than every ``RemoteKeySetRules/minimumInterval``. There is one fetch at a time, for which all
/// who need it wait. While the URL fails, the last good set stays in force.
public final class RemoteKeySet: TokenKeySource {
    private struct State {
        var snapshot: TokenKeySnapshot
        var flight: Task<Void, Never>?
        var lastStart: Duration
        var hasFailed = false
        var statistics = RemoteKeySetStatistics()
    }

    typealias Download = @Sendable () async throws -> [UInt8]

    private let source: String
    private let rules: RemoteKeySetRules
    private let download: Download
    private let uptime: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let onFailure: @Sendable (TokenKeyError) -> Void
    private let state: Mutex<State>

    /// The set at `url`, fetched.
    ///
    /// - Parameters:
    ///   - url: `https:`, or `http:` within a network that is trusted: who can change the answer can log in as anyone.
    ///   - rules: how often, how long, how much.
    ///   - onFailure: is told of each later fetch that fails.
    /// - Throws: ``TokenKeyError`` with code `unreadable`, `malformed` or `noUsableKey`: a program that can verify nothing should not start.
    public static func load(
        url: URL,
        rules: RemoteKeySetRules = RemoteKeySetRules(),
        onFailure: @escaping @Sendable (TokenKeyError) -> Void = { _ in }
    ) async throws -> RemoteKeySet {
        let start = ContinuousClock.now
        return try await RemoteKeySet(
            source: KeySetDownload.shownName(of: url),
            rules: rules,
            download: { try await KeySetDownload.get(url, rules: rules) },
            uptime: { ContinuousClock.now - start },
            sleep: { try await Task.sleep(for: $0) },
            onFailure: onFailure
        )
    }

    init(
        source: String,
        rules: RemoteKeySetRules,
        download: @escaping Download,
        uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        onFailure: @escaping @Sendable (TokenKeyError) -> Void
    ) async throws(TokenKeyError) {
        self.source = source
        self.rules = rules
        self.download = download
        self.uptime = uptime
        self.sleep = sleep
        self.onFailure = onFailure
        let start = uptime()
        let keys = try await Self.fetch(source, download)
        var statistics = RemoteKeySetStatistics()
        statistics.fetches = 1
        self.state = Mutex(State(snapshot: TokenKeySnapshot(keys: keys, version: 1), lastStart: start, statistics: statistics))
    }

    /// See ``TokenKeySource``.
    public var snapshot: TokenKeySnapshot { state.withLock { $0.snapshot } }

    /// What has happened so far.
    public var statistics: RemoteKeySetStatistics { state.withLock { $0.statistics } }

    /// See ``TokenKeySource``. Waits for a fetch under way, or starts one unless the last is too recent.
    public func newerSnapshot(than version: Int) async -> TokenKeySnapshot? {
        let flight: Task<Void, Never>? = state.withLock { state in
            if state.snapshot.version > version { return nil }
            if let flight = state.flight { return flight }
            guard uptime() - state.lastStart >= rules.minimumInterval else {
                state.statistics.refusedLookups += 1
                return nil
            }
            return start(&state)
        }
        await flight?.value
        let snapshot = snapshot
        return snapshot.version > version ? snapshot : nil
    }

    /// Fetches the set now, or waits for a fetch under way.
    public func refresh() async {
        let flight = state.withLock { state in state.flight ?? start(&state) }
        await withTaskCancellationHandler {
            await flight.value
        } onCancel: {
            flight.cancel()
        }
    }

    /// Keeps the set fresh until the task is cancelled. Without it, a key that is removed from the set would work for ever.
    public func run() async {
        while !Task.isCancelled {
            let hasFailed = state.withLock { $0.hasFailed }
            let pause = hasFailed ? min(rules.minimumInterval, rules.refreshInterval) : rules.refreshInterval
            guard (try? await sleep(pause)) != nil else { return }
            await refresh()
        }
    }

    private func start(_ state: inout State) -> Task<Void, Never> {
        state.lastStart = uptime()
        // Ends by itself within the time limit of a download. It must outlive the request that happened to start it.
        let flight = Task {
            do throws(TokenKeyError) {
                land(.success(try await Self.fetch(source, download)))
            } catch {
                land(.failure(error))
            }
        }
        state.flight = flight
        return flight
    }

    private func land(_ result: Result<TokenKeys, TokenKeyError>) {
        let failure: TokenKeyError? = state.withLock { state in
            state.flight = nil
            state.statistics.fetches += 1
            switch result {
            case .success(let keys):
                state.hasFailed = false
                if keys.publicJWKS != state.snapshot.keys.publicJWKS {
                    state.snapshot = TokenKeySnapshot(keys: keys, version: state.snapshot.version + 1)
                    state.statistics.changes += 1
                }
                return nil
            case .failure(let error):
                state.hasFailed = true
                state.statistics.failures += 1
                return error
            }
        }
        if let failure { onFailure(failure) }
    }

    private static func fetch(_ source: String, _ download: Download) async throws(TokenKeyError) -> TokenKeys {
        do {
            return try await TokenKeys.jwks(document: try await download(), source: source)
        } catch let error as TokenKeyError {
            throw error
        } catch {
            throw .notFetched(source, "\(error)")
        }
    }
}
