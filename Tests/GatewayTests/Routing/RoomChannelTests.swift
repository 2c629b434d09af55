import EngineIO
import GatewayDomain
import NIOCore
import SocketIO
import Testing

@testable import Gateway

@Suite("RoomChannel")
struct RoomChannelTests {
    private let channel = RoomChannel(.chart("BTC"), epoch: "e1", loopCount: 2)

    private func payload(_ price: Int) throws -> ClientPayload {
        let json = #"{"type":"price_update","symbol":"BTC-USDC","data":{"price":\#(price)}}"#
        return ClientPayload(try Envelope(json: Array(json.utf8)), timestamp: 0)
    }

    @Test func theNumberRisesByOne() throws {
        for number: UInt64 in 1...3 {
            let place = channel.advance(try payload(1), key: nil)
            #expect(place.seq == number)
        }
        #expect(channel.epoch == "e1")
        #expect(channel.lastValues.isEmpty)
    }

    @Test(arguments: [Room.chart("BTC"), Room(name: "trade:BTC-USDC")])
    func theNextEventIsWrittenAsItIsKept(_ room: Room?) throws {
        let channel = RoomChannel(try #require(room), epoch: "e1", loopCount: 1)
        let json = #"{"type":"price_update","symbol":"BTC-USDC","id":"a\"b","data":{"price":1, "seq":7,"x":{"y":[1, 2]}}}"#
        let envelope = try Envelope(json: Array(json.utf8))
        for number: UInt64 in 1...2 {
            let next = channel.encodeNext(envelope, timestamp: 5, key: "1m")
            let apart = ClientPayload(envelope, timestamp: 5)
            #expect(next.payload.text == apart.text)
            #expect(next.payload.droppedMembers == 1)
            #expect(next.payload.timestamp == 5)
            let place = channel.advance(next.payload, key: "1m")
            #expect(place.seq == number)
            let event = channel.encode(apart, key: "1m", seq: number)
            #expect(next.event.frame.textPacket == event.frame.textPacket)
            #expect(next.event.isRecoverable == event.isRecoverable)
            #expect(next.event.frame.conflation?.key == event.frame.conflation?.key)
            let conflated = next.event.frame.conflation?.makeFrame().textPacket
            #expect(conflated == (channel.room.keepsLastValue ? event.frame.textPacket : nil))
        }
    }

    @Test func membersAreCountedForEachLoop() {
        #expect(!channel.hasMembers)
        channel.members[1] += 1
        #expect(channel.hasMembers)
        #expect(channel.members == [0, 1])
        channel.members[1] -= 1
        #expect(!channel.hasMembers)
    }

    @Test func manyAreShownAPriceByOneFrame() throws {
        let channel = RoomChannel(try #require(Room(name: "price:BTC-USDC")), epoch: "e1", loopCount: 1)
        _ = channel.advance(try payload(1), key: "")
        let first = try #require(channel.snapshots.first)
        #expect(channel.snapshots.first?.frame === first.frame)
        _ = channel.advance(try payload(2), key: "")
        let second = try #require(channel.snapshots.first)
        #expect(second.frame.textPacket != first.frame.textPacket)
        channel.beginEpoch("e2", now: .zero)
        #expect(channel.snapshots.first?.frame.textPacket != second.frame.textPacket)
    }

    @Test func theLastValueOfEachKeyIsKeptUnderItsNumber() throws {
        #expect(channel.snapshots.isEmpty)
        for key in ["1m", "5m", "1m"] { _ = channel.advance(try payload(1), key: key) }
        #expect(channel.lastValues.map(\.key) == ["1m", "5m"])
        #expect(channel.lastValues.map(\.seq) == [3, 2])
        #expect(channel.snapshots.count == 2)
    }

    @Test func theNumberOfKeysIsBounded() throws {
        let most = RoomChannel.maximumLastValues
        for number in 1...most + 4 { _ = channel.advance(try payload(number), key: "\(number)") }
        #expect(channel.lastValues.count == most)
        _ = channel.advance(try payload(most + 5), key: "\(most)")
        #expect(channel.lastValues.last?.seq == UInt64(most + 5))
    }
}
