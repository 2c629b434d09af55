import EngineIOCore
import NIOCore
import Testing

@Suite("OpenPacket")
struct OpenPacketTests {
    @Test func isTheReferencesText() throws {
        let sid = try #require(SessionID("AAabcdefghijklmnopqr"))
        let polling = OpenPacket.encode(
            sid: sid,
            offersWebSocket: true,
            pingInterval: .seconds(25),
            pingTimeout: .seconds(20),
            maxPayload: 1_000_000
        )
        #expect(
            String(buffer: polling)
                == #"0{"sid":"AAabcdefghijklmnopqr","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        )
        let webSocket = OpenPacket.encode(
            sid: sid,
            offersWebSocket: false,
            pingInterval: .milliseconds(300),
            pingTimeout: .microseconds(200_500),
            maxPayload: 1
        )
        #expect(
            String(buffer: webSocket)
                == #"0{"sid":"AAabcdefghijklmnopqr","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1}"#
        )
        let protocol3 = OpenPacket.encode(
            sid: sid,
            offersWebSocket: true,
            pingInterval: .seconds(25),
            pingTimeout: .seconds(5),
            maxPayload: nil
        )
        #expect(
            String(buffer: protocol3)
                == #"0{"sid":"AAabcdefghijklmnopqr","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}"#
        )
    }
}
