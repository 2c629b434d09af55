import MessagePack
import Testing

@Suite("MessagePackValue")
struct MessagePackValueTests {
    /// A message of the classic Redis adapter: `[uid, packet, options]`.
    private let message = unhex(
        """
        93 a6 613162326333
        83 a4 74797065 02  a4 64617461 92 a5 7072696365 c4 02 0102  a3 6e7370 a1 2f
        83 a5 726f6f6d73 91 a9 70726963653a425443  a6 657863657074 90  a5 666c616773 80
        """
    )

    @Test func aMessageIsReadInPlace() throws {
        let value = try MessagePackValue(message)
        #expect(value.count == 3)
        #expect(value[0]?.string == "a1b2c3")
        #expect(value[1]?["type"]?.integer == 2)
        #expect(value[1]?["nsp"]?.string == "/")
        #expect(value[1]?["data"]?[0]?.string == "price")
        #expect(value[1]?["data"]?[1]?.binary.map(Array.init) == [1, 2])
        #expect(value[2]?["rooms"]?.elements?.compactMap(\.string) == ["price:BTC"])
        #expect(value[2]?["except"]?.count == 0)
        #expect(value[2]?.members?.map(\.key.string) == ["rooms", "except", "flags"])
        #expect(value[2]?["flags"]?.members?.isEmpty == true)
    }

    @Test func whatIsNotThereIsNil() throws {
        let value = try MessagePackValue(message)
        #expect(value[3] == nil)
        #expect(value[-1] == nil)
        #expect(value["type"] == nil)
        #expect(value[1]?[0] == nil)
        #expect(value[1]?["other"] == nil)
        #expect(value[0]?.elements == nil)
        #expect(value[0]?.members == nil)
        #expect(value[0]?.integer == nil)
        #expect(value.string == nil)
        #expect(value.binary == nil)
        #expect(value.extension == nil)
        #expect(value.bool == nil)
        #expect(!value.isNil)
    }

    @Test func aValueCanBePutIntoAnotherMessage() throws {
        let packet = try #require(try MessagePackValue(message)[1])
        var writer = MessagePackWriter()
        writer.writeArrayHeader(count: 2)
        writer.writeRaw(packet.raw)
        writer.write(true)
        let value = try MessagePackValue(writer.bytes)
        #expect(value[0]?["data"]?[0]?.string == "price")
        #expect(value[1]?.bool == true)
    }

    @Test func theLastOfRepeatedKeysCounts() throws {
        let value = try MessagePackValue(unhex("83 a161 01  01 02  a161 03"))
        #expect(value["a"]?.integer == 3)
        #expect(value.count == 3)
    }

    @Test func nothingMayFollow() {
        #expect(throws: MessagePackError(.trailingBytes, at: 1)) { try MessagePackValue(unhex("c0 c0")) }
        #expect(throws: MessagePackError(.unexpectedEnd, at: 0)) { try MessagePackValue([]) }
    }

    @Test func lengthAndDepthAreBounded() throws {
        _ = try MessagePackValue(unhex("92 c0 c0"), maximumBytes: 3, maximumDepth: 1)
        #expect(throws: MessagePackError(.tooLong, at: 2)) { try MessagePackValue(unhex("92 c0 c0"), maximumBytes: 2) }
        #expect(throws: MessagePackError(.tooDeep, at: 1)) { try MessagePackValue(unhex("91 90"), maximumDepth: 1) }
    }

    /// What notepack.io 2 and 3 and msgpack-lite write beside the plain formats.
    @Test func javaScriptWriters() throws {
        #expect(try MessagePackValue(unhex("d4 00 00")).isNil)
        #expect(try MessagePackValue(unhex("c0")).isNil)
        #expect(try MessagePackValue(unhex("d7 00 0000019a7078b074")).timestamp == MessagePackTimestamp(milliseconds: 0x19a_7078_b074))
        #expect(try MessagePackValue(unhex("d7 00 ffffffffffffffff")).timestamp == MessagePackTimestamp(milliseconds: -1))
        #expect(try MessagePackValue(unhex("d6 ff 00000001")).timestamp == MessagePackTimestamp(seconds: 1))
        #expect(try MessagePackValue(unhex("d7 ff 0000000400000001")).timestamp == MessagePackTimestamp(seconds: 1, nanoseconds: 1))
        #expect(try MessagePackValue(unhex("c7 03 00 010203")).binary.map(Array.init) == [1, 2, 3])
        #expect(try MessagePackValue(unhex("c7 08 00 0102030405060708")).timestamp == nil, "an ArrayBuffer of 8 bytes is no Date")
        #expect(
            try MessagePackValue(unhex("cb 4279a7078b074000")).integer == 0x19a_7078_b074,
            "msgpack-lite writes large integers as floats"
        )
        #expect(try MessagePackValue(unhex("cf 0020000000000001")).integer == 9_007_199_254_740_993)
    }

    @Test func aTimestampWithTooManyNanosecondsIsNone() throws {
        let value = try MessagePackValue(unhex("c7 0c ff 3b9aca00 0000000000000001"))
        #expect(value.timestamp == nil)
        #expect(value.extension?.type == -1)
    }

    @Test func numbersOfOneKindReadAsAnother() throws {
        #expect(try MessagePackValue(unhex("05")).double == 5)
        #expect(try MessagePackValue(unhex("05")).unsigned == 5)
        #expect(try MessagePackValue(unhex("ff")).unsigned == nil)
        #expect(try MessagePackValue(unhex("cf ffffffffffffffff")).unsigned == .max)
        #expect(try MessagePackValue(unhex("cf ffffffffffffffff")).integer == nil)
        #expect(try MessagePackValue(unhex("cb 3ff8000000000000")).integer == nil)
        #expect(try MessagePackValue(unhex("cb 3ff8000000000000")).double == 1.5)
        #expect(try MessagePackValue(unhex("ca 3fc00000")).double == 1.5)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_763_940_039_123, "2025-11-23T23:20:39.123Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"), (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"), (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func datesAsJavaScriptWritesThem(_ milliseconds: Int64, _ text: String) {
        #expect(MessagePackTimestamp(milliseconds: milliseconds).iso8601 == text)
        #expect(MessagePackTimestamp(milliseconds: milliseconds).milliseconds == milliseconds)
    }

    @Test func timesBeyondJavaScriptsHaveNoText() {
        #expect(MessagePackTimestamp(milliseconds: 8_640_000_000_000_001).iso8601 == nil)
        #expect(MessagePackTimestamp(seconds: .min).iso8601 == nil)
        #expect(MessagePackTimestamp(seconds: .max).milliseconds == nil)
    }
}
