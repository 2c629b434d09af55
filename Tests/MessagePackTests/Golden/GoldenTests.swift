import MessagePack
import Testing

/// Python's package writes and reads the same bytes: the table is made by `scripts/msgpack-table.py`.
@Suite("MessagePack, against Python's")
struct GoldenTests {
    @Test(arguments: GoldenTable.written) func theSameValueIsWrittenTheSame(_ pair: Pair) throws {
        var writer = MessagePackWriter()
        try writer.write(json: pair.json.span)
        #expect(digits(writer.bytes.prefix(64)) == digits(pair.bytes.prefix(64)))
        #expect(writer.bytes == pair.bytes)
    }

    @Test(arguments: GoldenTable.written + GoldenTable.foreign) func theSameBytesReadTheSame(_ pair: Pair) throws {
        let json = try MessagePackValue(pair.bytes).json()
        // Python escapes what it must, and DEL, in JSON's short forms.
        #expect(String(decoding: json, as: UTF8.self) == String(decoding: pair.json, as: UTF8.self))
    }

    @Test(arguments: GoldenTable.timestamps) func timestamps(_ time: Time) throws {
        let timestamp = MessagePackTimestamp(seconds: time.seconds, nanoseconds: time.nanoseconds)
        var writer = MessagePackWriter()
        writer.write(timestamp)
        #expect(digits(writer.bytes) == digits(time.bytes))
        #expect(try MessagePackValue(time.bytes).timestamp == timestamp)
    }

    @Test(arguments: GoldenTable.blobs) func binaryData(_ blob: Blob) throws {
        var writer = MessagePackWriter()
        writer.writeBinary(blob.data)
        #expect(writer.bytes == blob.binary)
        #expect(try MessagePackValue(blob.binary).binary.map(Array.init) == blob.data)
    }

    @Test(arguments: GoldenTable.blobs) func extensions(_ blob: Blob) throws {
        var writer = MessagePackWriter()
        writer.writeExtension(type: 42, blob.data)
        #expect(writer.bytes == blob.extension)
        let value = try #require(try MessagePackValue(blob.extension).extension)
        #expect(value.type == 42)
        #expect(blob.extension[value.data].elementsEqual(blob.data))
    }

    @Test(arguments: GoldenTable.arrays) func arrays(_ nils: Nils) throws {
        var writer = MessagePackWriter()
        writer.writeArrayHeader(count: nils.count)
        for _ in 0..<nils.count { writer.writeNil() }
        #expect(writer.bytes == nils.bytes)
        let value = try MessagePackValue(nils.bytes)
        #expect(value.count == nils.count)
        #expect(value.elements?.allSatisfy(\.isNil) == true)
    }
}
