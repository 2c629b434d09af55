import JSONScan
import NIOCore
import Testing

@testable import EngineIO
@testable import Gateway

@Suite("LatestValue")
struct LatestValueTests {
    private func value(_ seq: UInt64, epoch: String = "e", isSnapshot: Bool = false) throws -> LatestValue {
        let json = #"{"type":"price_update","symbol":"BTC-USDC","data":{"price":\#(seq).50},"timestamp":7}"#
        return LatestValue(
            event: "price_update",
            room: "price:BTC-USDC",
            item: "",
            payload: ClientPayload(try Envelope(json: Array(json.utf8)), timestamp: 7),
            epoch: epoch,
            seq: seq,
            isSnapshot: isSnapshot
        )
    }

    private func text(_ message: any ConflatableMessage) -> String { String(buffer: message.makeFrame().textPacket) }

    @Test func aloneItSaysItsNumberOnly() throws {
        #expect(text(try value(3)) == #"42["price_update",{"symbol":"BTC-USDC","price":3.50,"timestamp":7,"epoch":"e","seq":3}]"#)
    }

    @Test func itStandsForAllThatItReplaced() throws {
        let merged = try value(5).replacing(try value(4).replacing(try value(3)))
        #expect(text(merged) == #"42["price_update",{"symbol":"BTC-USDC","price":5.50,"timestamp":7,"epoch":"e","seqFirst":3,"seq":5}]"#)
    }

    @Test func afterASnapshotThatNobodyGotItIsTheSnapshot() throws {
        let merged = try value(5).replacing(try value(4, isSnapshot: true))
        #expect(text(merged) == #"42["price_update",{"symbol":"BTC-USDC","price":5.50,"timestamp":7,"epoch":"e","seq":5,"snapshot":true}]"#)
    }

    @Test func aSnapshotNeedsNothingBeforeIt() throws {
        let merged = try value(5, isSnapshot: true).replacing(try value(3))
        #expect(text(merged).hasSuffix(#""seq":5,"snapshot":true}]"#))
    }

    @Test func anotherEpochIsAnotherSequence() throws {
        let merged = try value(1, epoch: "f").replacing(try value(9))
        #expect(text(merged).hasSuffix(#""epoch":"f","seq":1}]"#))
    }
}
