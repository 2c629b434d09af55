import GatewayDomain
import NIOCore
import SocketIO

/// Clients that come back to rooms of which they are to miss nothing.
extension EventRouter {
    /// Whether every event of these, and every alert, has been kept since `instant` of the router's clock. From anywhere.
    func hasKept(_ rooms: [Room], _ firehoses: [Firehose], since instant: Duration) async -> Bool {
        let result = try? await eventLoop.submit { [self] in
            isWhole(.events(.systemAlert), since: instant)
                && rooms.allSatisfy { room in
                    guard room.streams.allSatisfy({ isWhole($0, since: instant) }) else { return false }
                    if case .group = room { return true }
                    return channels[room].map { $0.madeAt <= instant } ?? false
                }
                && firehoses.allSatisfy { firehose in
                    firehose.streams.allSatisfy { isWhole($0, since: instant) }
                        && self.firehoses[firehose].map { $0.madeAt <= instant } ?? false
                }
        }.get()
        return result ?? false
    }

    /// Whether this node has read all that was written to a stream since then.
    private func isWhole(_ stream: BusStream, since instant: Duration) -> Bool {
        remote?.gaps[stream].map { $0 <= instant } ?? true
    }

    /// A socket of the loop is in these again, brought there with what it had missed.
    func returned(_ rooms: [Room], _ firehoses: [Firehose], loopIndex: Int) {
        onLoop { [self] in
            // What they missed came by streams, which are read whole; what else is published to them is heard as soon as the bus confirms.
            hold(rooms.map { Topic.room($0) } + firehoses.map { Topic($0) })
            for room in rooms {
                let channel = channels[room] ?? makeChannel(room)
                addMember(to: channel, loopIndex: loopIndex)
                channel.startLog()
            }
            for firehose in firehoses {
                self.firehoses.add(1, to: firehose, loopIndex: loopIndex, loopCount: loopCount, now: now)
            }
        }
    }
}
