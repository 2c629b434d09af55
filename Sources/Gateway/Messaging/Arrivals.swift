import GatewayDomain
import Logging
import NIOCore
import SocketIO

/// Devices that have connected: each is sent what was kept for its user, and is then in the room of the user's devices.
struct Arrivals: Sendable {
    /// One of them.
    struct Device: Sendable {
        let socket: Socket
        let session: ClientSession
        let user: UserID
    }

    /// How long a device may wait for others where nothing else concerns its user, so that one question to the store and one task for a loop
    /// serve many: too short to be noticed beside a client's way to the server.
    static let patience = Duration.milliseconds(10)

    let exchange: any MailExchange
    let counters: GatewayCounters
    /// Is told of an error of the store.
    let failed: @Sendable (any Error) -> Void

    /// Lets them in, from the lane of their users: those that came together with one question to the store, where the exchange can.
    func enter(_ devices: [Device]) async {
        do {
            if let kept = try await exchange.enter(devices.map(\.user)) {
                return await enter(devices.map { ($0, kept[$0.user] ?? []) })
            }
        } catch {
            failed(error)
            return await enter(devices.map { ($0, []) })
        }
        for device in devices {
            var items: [KeptItem] = []
            do { items = try await exchange.enter(device.user) } catch { failed(error) }
            await enter([(device, items)])
        }
    }

    /// One task for each of their loops.
    private func enter(_ devices: [(device: Device, items: [KeptItem])]) async {
        for (_, devices) in Dictionary(grouping: devices, by: { $0.device.socket.loopIndex }) {
            let gone = try? await devices[0].device.socket.eventLoop.submit {
                devices.filter { !enter($0.device, $0.items) }.map(\.device.user)
            }.get()
            for user in gone ?? devices.map(\.device.user) { exchange.leave(user) }
        }
    }

    /// Lets one in. Returns `false` where it has gone already. On the socket's loop.
    func enter(_ device: Device, _ items: [KeptItem]) -> Bool {
        guard device.socket.join(ClientSession.deviceRoom(device.user)) else { return false }
        device.session.internalRooms += 1
        counters.countMail(.redelivered, by: items.count)
        device.session.mail.begin(items, to: device.socket)
        return true
    }
}
