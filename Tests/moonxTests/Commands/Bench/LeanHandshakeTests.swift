import Testing

@testable import moonx

@Suite("LeanHandshake")
struct LeanHandshakeTests {
    private func step(_ handshake: inout LeanHandshake, _ text: String) -> LeanHandshake.Step {
        let prefix = text.utf8.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(56 - 8 * $1.offset) }
        return handshake.received(prefix: prefix, length: text.utf8.count)
    }

    private func head(_ handshake: inout LeanHandshake, _ text: String) -> Int? {
        Array(text.utf8).withUnsafeBytes { handshake.head(in: $0) }
    }

    private func upgraded(joins: Bool) -> LeanHandshake {
        var handshake = LeanHandshake(joins: joins)
        _ = head(&handshake, "HTTP/1.1 101 x\r\n\r\n")
        return handshake
    }

    @Test func theHeadMayComeInPiecesAndWithFramesBehindIt() {
        let text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
        for cut in 0..<text.utf8.count {
            var handshake = LeanHandshake(joins: true)
            #expect(head(&handshake, String(text.prefix(while: { _ in false }))) == nil)
            let bytes = Array(text.utf8)
            #expect(bytes[..<cut].withUnsafeBytes { handshake.head(in: $0) } == nil)
            #expect((Array(bytes[cut...]) + [0x81, 1]).withUnsafeBytes { handshake.head(in: $0) } == bytes.count - cut)
            #expect(head(&handshake, "frames") == 0)
        }
    }

    @Test func intoTheNamespaceAndARoom() {
        var handshake = upgraded(joins: true)
        #expect(step(&handshake, "0{\"sid\":\"x\"}") == .enter)
        #expect(step(&handshake, "40{\"sid\":\"y\"}") == .join)
        #expect(step(&handshake, "42[\"authenticated\",{}]") == .nothing)
        #expect(!handshake.isReady)
        #expect(step(&handshake, "42[\"room_joined\",{\"room\":\"price:BTC-USDC\"}]") == .ready)
        #expect(handshake.isReady)
    }

    @Test func withoutARoomItIsInOnceInTheNamespace() {
        var handshake = upgraded(joins: false)
        #expect(step(&handshake, "40{\"sid\":\"y\"}") == .ready)
    }

    @Test func pingsAreAnsweredAtAnyTime() {
        var handshake = upgraded(joins: true)
        #expect(step(&handshake, "2") == .answerPing)
        _ = step(&handshake, "40")
        #expect(step(&handshake, "2") == .answerPing)
    }

    @Test func aRefusalOfTheNamespaceOrTheRoomIsOne() {
        var handshake = upgraded(joins: true)
        #expect(step(&handshake, "44{\"message\":\"401\"}") == .refused)
        handshake = upgraded(joins: true)
        _ = step(&handshake, "40")
        #expect(step(&handshake, "42[\"error\",{\"code\":\"ACCESS_DENIED\"}]") == .refused)
    }

    @Test func anErrorInTheRoomIsForTheConnectionToCount() {
        var handshake = upgraded(joins: true)
        _ = (step(&handshake, "40"), step(&handshake, "42[\"room_joined\"]"))
        #expect(step(&handshake, "42[\"error\",{}]") == .nothing)
    }
}
