import NIOCore
import RESP
import Testing

@Suite("RESPValue")
struct RESPValueTests {
    @Test func aNumberIsReadFromEveryFormItHas() {
        #expect(RESPValue.integer(7).integer == 7)
        #expect(RESPValue.bulkString(ByteBuffer(string: "7")).integer == 7)
        #expect(RESPValue.boolean(true).integer == 1)
        #expect(RESPValue.simpleString("seven").integer == nil)
        #expect(RESPValue.bulkString(ByteBuffer(string: "1.5")).double == 1.5)
        #expect(RESPValue.integer(2).double == 2)
        #expect(RESPValue.null.double == nil)
    }

    @Test func aMapIsReadFromBothVersions() {
        let three = RESPValue.map([RESPPair(.simpleString("proto"), .integer(3))])
        let two = RESPValue.array([.simpleString("proto"), .integer(2)])
        #expect(three["proto"]?.integer == 3 && two["proto"]?.integer == 2)
        #expect(two["mode"] == nil && RESPValue.array([.null]).pairs == nil)
    }

    @Test func anErrorHasAFirstWord() {
        let error = RESPError("MOVED 3999 127.0.0.1:6381")
        #expect(error.code == "MOVED" && error.details == "3999 127.0.0.1:6381")
        #expect(RESPValue.error(error).error == error && RESPValue.null.error == nil)
        #expect(RESPError("").code == "")
    }

    @Test func stringsAreTextAndBytes() {
        #expect(RESPValue.verbatim(format: "txt", ByteBuffer(string: "a")).string == "a")
        #expect(RESPValue.simpleString("a").buffer == ByteBuffer(string: "a"))
        #expect(RESPValue.integer(1).string == nil && RESPValue.integer(1).buffer == nil)
        #expect(RESPValue.null.isNull && !RESPValue.integer(0).isNull)
        #expect(RESPValue.set([.null]).array?.count == 1)
    }
}
