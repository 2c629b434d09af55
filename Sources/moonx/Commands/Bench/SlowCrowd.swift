import NIOCore
import SocketIOClient

/// The clients that stop reading, all at the same time.
struct SlowCrowd: Sendable {
    let clients: [SlowClient]
    private let timeout: Duration

    init(plans: [SlowClient.Plan], timeout: Duration) {
        self.clients = plans.map(SlowClient.init)
        self.timeout = timeout
    }

    /// Runs the clients as long as `body`, which is called once all are in their rooms.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { await client.run() } }
            defer { group.cancelAll() }
            do {
                try await wait("all slow clients are in their rooms") { await $0.isReady }
                try await body()
            } catch {
                await end()
                throw error
            }
            await end()
        }
    }

    /// Lets nobody read for so long.
    func pause(for duration: Duration) async throws {
        for client in clients { try await client.setPaused(true) }
        try await Task.sleep(for: duration)
        for client in clients { try await client.setPaused(false) }
    }

    /// Waits until everybody has the newest price of each symbol and all own trades: the seconds it took, or `nil` where somebody has not in
    /// time. What is missing then the records tell.
    func catchUp(_ newest: [String: String], trades: Int) async throws -> Double? {
        let start = ContinuousClock.now
        do {
            try await wait("everybody has everything") { await $0.record.missing(newest, trades: trades).isEmpty }
        } catch is BenchFailure {
            return nil
        }
        return Stopwatch.seconds(ContinuousClock.now - start)
    }

    /// Whose trades are own ones.
    func users() async -> [String] {
        var users: Set<String> = []
        for client in clients { if let user = await client.user { users.insert(user) } }
        return users.sorted()
    }

    func records() async -> [SlowRecord] {
        var records: [SlowRecord] = []
        for client in clients { records.append(await client.record) }
        return records
    }

    func sum(_ count: (SlowClient) async -> Int) async -> Int {
        var sum = 0
        for client in clients { sum += await count(client) }
        return sum
    }

    private func end() async {
        for client in clients { await client.end() }
    }

    private func wait(_ what: String, until condition: (SlowClient) async -> Bool) async throws {
        let deadline = ContinuousClock.now + timeout
        for client in clients {
            while !(await condition(client)) {
                guard ContinuousClock.now < deadline else {
                    throw BenchFailure("not within \(timeout): \(what). \((await client.record.failures).joined(separator: "; "))")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
