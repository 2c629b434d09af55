import GatewayDomain
import NIOCore
import SocketIO
import Testing

@testable import Gateway

@Suite("RoomChannel")
struct RoomChannelTests {
    private var channel = RoomChannel(epoch: "e1", loopCount: 2)

    private func payload(_ price: Int) throws -> ClientPayload {
        let json = #"{"type":"price_update","symbol":"BTC-USDC","data":{"price":\#(price)}}"#
        return ClientPayload(try Envelope(json: Array(json.utf8)), timestamp: 0)
    }

    @Test mutating func theNumberRisesByOne() throws {
        for number: UInt64 in 1...3 {
            let place = channel.advance(try payload(1), key: nil)
            #expect(place.epoch == "e1")
            #expect(place.seq == number)
        }
        #expect(channel.lastValues.isEmpty)
    }

    @Test mutating func thePlaceSaysWhoIsToGetIt() throws {
        #expect(!channel.advance(try payload(1), key: "").hasMembers)
        channel.members[1] += 1
        #expect(channel.hasMembers)
        let place = channel.advance(try payload(2), key: "")
        #expect(place.hasMembers)
        #expect(place.members == [0, 1])
        channel.members[1] -= 1
        #expect(!channel.hasMembers)
    }

    @Test mutating func theLastValueOfEachKeyIsKeptUnderItsNumber() throws {
        #expect(channel.snapshots(of: .chart("BTC")).isEmpty)
        for key in ["1m", "5m", "1m"] { _ = channel.advance(try payload(1), key: key) }
        #expect(channel.lastValues.map(\.key) == ["1m", "5m"])
        #expect(channel.lastValues.map(\.seq) == [3, 2])
        #expect(channel.snapshots(of: .chart("BTC")).count == 2)
    }

    @Test mutating func theNumberOfKeysIsBounded() throws {
        let most = RoomChannel.maximumLastValues
        for number in 1...most + 4 { _ = channel.advance(try payload(number), key: "\(number)") }
        #expect(channel.lastValues.count == most)
        _ = channel.advance(try payload(most + 5), key: "\(most)")
        #expect(channel.lastValues.last?.seq == UInt64(most + 5))
    }
}
