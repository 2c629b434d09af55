import NIOCore
import Testing

@testable import Gateway

@Suite("ClientPayload")
struct ClientPayloadTests {
    private func payload(_ json: String, isPersonal: Bool = false) throws -> ClientPayload {
        ClientPayload(try Envelope(json: Array(json.utf8)), timestamp: 1_700_000_000_123, isPersonal: isPersonal)
    }

    private func text(_ payload: ClientPayload) -> String {
        var buffer = ByteBuffer()
        payload.write(into: &buffer)
        return String(buffer: buffer)
    }

    @Test func membersStayAsTheyWereWritten() throws {
        let payload = try payload(
            #"{"type":"price_update","symbol":"btc-usdc","data":{ "price" : 105433.60000, "tiny":1E-7,"text":"a\u00e9\n\"","deep":{"seq":[1,{"id":2}]}}}"#
        )
        #expect(
            text(payload)
                == #"{"symbol":"BTC-USDC","price" : 105433.60000,"tiny":1E-7,"text":"a\u00e9\n\"","deep":{"seq":[1,{"id":2}]},"timestamp":1700000000123}"#
        )
        #expect(payload.droppedMembers == 0)
        #expect(payload.capacity >= text(payload).utf8.count)
    }

    @Test(arguments: ClientPayload.reserved.map(\.description))
    func theGatewaysOwnMembersAreDroppedAndCounted(_ name: String) throws {
        let payload = try payload(#"{"type":"system_alert","data":{"a":1,"\#(name)":"forged","b":2}}"#)
        #expect(text(payload) == #"{"a":1,"b":2,"timestamp":1700000000123}"#)
        #expect(payload.droppedMembers == 1)
        let nested = try self.payload(#"{"type":"system_alert","data":{"a":{"\#(name)":1}}}"#)
        #expect(text(nested) == #"{"a":{"\#(name)":1},"timestamp":1700000000123}"#)
        #expect(nested.droppedMembers == 0)
    }

    @Test func anEscapeDoesNotHideAReservedName() throws {
        let payload = try payload(#"{"type":"system_alert","data":{"\u0073eq":7,"Seq":8}}"#)
        #expect(text(payload) == #"{"Seq":8,"timestamp":1700000000123}"#)
        #expect(payload.droppedMembers == 1)
    }

    @Test func aBookIsCutToItsDepthAndItsDigitsStay() throws {
        let book =
            #"{"type":"order_book_update","symbol":"BTC-USDC","data":{"bids":[["1.50",7],["1.40", "8.0"],["1.3","1"]],"u":1,"asks":[["2","1"]]}}"#
        let envelope = try Envelope(json: Array(book.utf8))
        let (cut, whole) = (ClientPayload(envelope, timestamp: 1, bookDepth: 2), ClientPayload(envelope, timestamp: 1, bookDepth: 3))
        #expect(text(cut) == #"{"symbol":"BTC-USDC","bids":[["1.50",7],["1.40", "8.0"]],"u":1,"asks":[["2","1"]],"timestamp":1}"#)
        #expect(cut.isCut)
        #expect(
            text(whole) == #"{"symbol":"BTC-USDC","bids":[["1.50",7],["1.40", "8.0"],["1.3","1"]],"u":1,"asks":[["2","1"]],"timestamp":1}"#
        )
        #expect(!whole.isCut)
    }

    @Test func thePersonalCopySaysSo() throws {
        let trade = #"{"type":"trade_notification","symbol":"BTC-USDC","userId":"alice-0001","id":"t\"1","data":{"price":1}}"#
        #expect(
            text(try payload(trade, isPersonal: true))
                == #"{"symbol":"BTC-USDC","price":1,"id":"t\"1","personal":true,"timestamp":1700000000123}"#
        )
        #expect(text(try payload(trade)) == #"{"symbol":"BTC-USDC","price":1,"id":"t\"1","timestamp":1700000000123}"#)
    }

    @Test func aNotificationsOwnIDIsNotLost() throws {
        let payload = try payload(#"{"type":"notification","userId":"alice-0001","data":{"id":"n-1","title":"x"}}"#)
        #expect(text(payload) == #"{"title":"x","id":"n-1","timestamp":1700000000123}"#)
        #expect(payload.droppedMembers == 0)
    }

    @Test func withoutDataThereAreTheGatewaysMembers() throws {
        #expect(text(try payload(#"{"type":"system_alert","data":{}}"#)) == #"{"timestamp":1700000000123}"#)
    }

    @Test func thePlaceInTheSequenceComesLast() throws {
        let payload = try payload(#"{"type":"price_update","symbol":"BTC-USDC","data":{}}"#)
        var buffer = ByteBuffer()
        payload.write(epoch: "e1", seq: 7, isSnapshot: false, into: &buffer)
        #expect(String(buffer: buffer) == #"{"symbol":"BTC-USDC","timestamp":1700000000123,"epoch":"e1","seq":7}"#)
        buffer.clear()
        payload.write(epoch: "e1", seq: 7, isSnapshot: true, into: &buffer)
        #expect(String(buffer: buffer) == #"{"symbol":"BTC-USDC","timestamp":1700000000123,"epoch":"e1","seq":7,"snapshot":true}"#)
    }
}
