import Foundation
import Gateway
import GatewayDomain
import Logging
import MarketFeed
import ServiceLifecycle
import Synchronization

/// Gives those who log in by the development login an invented account, so that a page has something private to show: portfolio, orders, trades,
/// notifications. Only while they are connected, and at the prices of the simulated market.
final class DemonstrationAccounts: Service {
    /// More than anyone tries out at once; the account of whom was longest without a log-in goes first.
    private static let most = 50
    private static let tick = Duration.seconds(1)

    private struct State {
        var prices: [Instrument: DecimalText] = [:]
        var users: [UserID] = []
    }

    private let state = Mutex(State())
    private let gateways: GatewayLink
    private let seed: UInt64
    private let logger: Logger

    init(gateways: GatewayLink, seed: UInt64, logger: Logger) {
        self.gateways = gateways
        self.seed = seed
        self.logger = logger
    }

    /// A user has logged in.
    func open(_ user: UserID) {
        state.withLock { state in
            state.users.removeAll { $0 == user }
            state.users.append(user)
            if state.users.count > Self.most { state.users.removeFirst() }
        }
    }

    /// Takes in an event of the market, on its way to the gateway.
    func saw(_ event: FeedEvent) {
        struct Price: Decodable {
            struct Content: Decodable { var price: String? }
            var type: String
            var symbol: String
            var data: Content
        }
        guard event.envelope.hasPrefix(#"{"type":"\#(EventType.priceUpdate.rawValue)""#),
            let price = try? JSONDecoder().decode(Price.self, from: Data(event.envelope.utf8)),
            let instrument = Instrument(price.symbol), let value = price.data.price.flatMap({ DecimalText($0) })
        else { return }
        state.withLock { $0.prices[instrument] = value }
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await self.trade() }
    }

    private func trade() async throws {
        var accounts: [UserID: SimulatedAccount] = [:]
        while true {
            try await Task.sleep(for: Self.tick)
            let (users, prices) = state.withLock { ($0.users, $0.prices) }
            accounts = accounts.filter { users.contains($0.key) }
            for user in users where await gateways.isHere(user) {
                let now = Int64(Date().timeIntervalSince1970 * 1000)
                var account = accounts[user] ?? SimulatedAccount(user: user, seed: seed(of: user), start: now)
                await publish(account.step(now: now, prices: prices))
                accounts[user] = account
            }
        }
    }

    private func publish(_ envelopes: [String]) async {
        for envelope in envelopes {
            do { try await gateways.publish(envelope) } catch {
                logger.error("an event of a demonstration account was refused", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Each user has another account, the same at each start.
    private func seed(of user: UserID) -> UInt64 {
        user.description.utf8.reduce(seed) { ($0 &* 31) &+ UInt64($1) }
    }
}
