import Benchmark
import EngineIOCore
import SocketIOCore

private final class Member: RoomMember {
    let outlet: Int32
    var memberships = RoomMemberships()

    init(_ outlet: Int32) { self.outlet = outlet }
}

/// The table of rooms of one event loop.
func rooms() {
    Benchmark("Rooms: a walk over 1,000 members", configuration: .init(scalingFactor: .one)) { benchmark in
        var index = RoomIndex<Member>()
        for number in 0..<1_000 { index.join(Member(Int32(number)), "price:BTC-USDC") }
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var sum: Int32 = 0
            index.forEachOutlet("price:BTC-USDC") { sum &+= $0 }
            blackHole(sum)
        }
    }
    Benchmark("Rooms: one of 10,000 members leaves and joins") { benchmark in
        var index = RoomIndex<Member>()
        let members = (0..<10_000).map { Member($0) }
        for member in members { index.join(member, "price:BTC-USDC") }
        benchmark.startMeasurement()
        for turn in benchmark.scaledIterations {
            let member = members[turn * 7_919 % members.count]
            index.leave(member, "price:BTC-USDC")
            index.join(member, "price:BTC-USDC")
        }
        blackHole(index.count("price:BTC-USDC"))
    }
    Benchmark("Recovery: an event kept for who is away") { benchmark in
        let audience = RecoveryAudience(rooms: ["trade:BTC-USDC"])
        var log = RecoveryLog<Int>(retention: .seconds(120), maximumBytes: 1 << 20, maximumRoomBytes: 1 << 18)
        for turn in benchmark.scaledIterations {
            blackHole(log.append(for: audience, now: MonotonicInstant(nanoseconds: Int64(turn) * 1_000)) { _ in (turn, 180) })
        }
        blackHole(log.count)
    }
}
