import EngineIOCore
import NIOCore
import TestSupport
import Testing

@Suite("ProxyHeader")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x67, 0x0B, 0xC3]
    private static let v6 =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 9, count: 16) + [0x12, 0x67, 0, 80]

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
    }

    private func client(_ address: String) throws -> ProxyHeader { .client(try SocketAddress(ipAddress: address, port: 4711)) }

    /// Whole, with bytes behind it, and byte by byte.
    private func read(_ bytes: [UInt8]) throws(ProxyHeaderError) -> ProxyHeader? {
        var whole = ByteBuffer(bytes: bytes + Array("GET".utf8))
        let header = try ProxyHeader.read(from: &whole)
        #expect(String(buffer: whole) == "GET")
        var part = ByteBuffer()
        for (index, byte) in bytes.enumerated() {
            part.writeInteger(byte)
            let found = try ProxyHeader.read(from: &part)
            #expect(found == (index == bytes.count - 1 ? header : nil))
            #expect(part.readableBytes == (found == nil ? index + 1 : 0))
        }
        return header
    }

    @Test func version2NamesTheClient() throws {
        #expect(try read(Self.binary(0x21, 0x11, Self.v4)) == client("192.0.2.1"))
        #expect(try read(Self.binary(0x21, 0x21, Self.v6)) == client("2001:db8::1"))
        // With more behind the addresses.
        #expect(try read(Self.binary(0x21, 0x11, Self.v4 + [0x04, 0, 2, 1, 2])) == client("192.0.2.1"))
    }

    @Test func whereNobodyIsNamedTheAddressIsTheConnections() throws {
        // LOCAL, whatever the rest says.
        #expect(try read(Self.binary(0x20, 0x11, Self.v4)) == .unknown)
        #expect(try read(Self.binary(0x20, 0x00, [])) == .unknown)
        // PROXY without a family, over UDP, and of a local socket.
        #expect(try read(Self.binary(0x21, 0x00, [1, 2, 3])) == .unknown)
        #expect(try read(Self.binary(0x21, 0x12, Self.v4)) == .unknown)
        #expect(try read(Self.binary(0x21, 0x31, [UInt8](repeating: 0, count: 216))) == .unknown)
        #expect(try read(Array("PROXY UNKNOWN\r\n".utf8)) == .unknown)
        #expect(try read(Array("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".utf8)) == .unknown)
    }

    @Test func version1NamesTheClient() throws {
        #expect(try read(Array("PROXY TCP4 192.0.2.1 198.51.100.7 4711 443\r\n".utf8)) == client("192.0.2.1"))
        #expect(try read(Array("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n".utf8)) == client("2001:db8::1"))
    }

    @Test(arguments: [
        "PROXY TCP4 192.0.2.1 198.51.100.7 4711\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 4711 443 1\r\n", "PROXY TCP4 ::1 ::2 4711 443\r\n",
        "PROXY TCP6 192.0.2.1 198.51.100.7 4711 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 4711 99999\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.7 +4711 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 04711 443\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.7 4711 443\r\n", "PROXY TCP4  192.0.2.1 198.51.100.7 4711 443\r\n", "PROXY \r\n",
        "PROXY UDP4 192.0.2.1 198.51.100.7 4711 443\r\n", "PROXY TCP4 192.0.2.1 198.51.100.7 4711 443\n", "PROXY TCP4 a b 1 2\r\n",
    ])
    func lineThatIsNone(_ line: String) {
        var buffer = ByteBuffer(string: line)
        #expect(throws: ProxyHeaderError.malformed) { try ProxyHeader.read(from: &buffer) }
    }

    @Test(arguments: [
        binary(0x11, 0x11, v4), binary(0x22, 0x11, v4), binary(0x21, 0x41, v4), binary(0x21, 0x13, v4),
        binary(0x21, 0x11, Array(v4.dropLast())),
        binary(0x21, 0x21, v4), binary(0x21, 0x11, []),
    ])
    func bytesThatAreNone(_ bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        #expect(throws: ProxyHeaderError.malformed) { try ProxyHeader.read(from: &buffer) }
    }

    @Test func itsLengthIsBounded() {
        // Told by the length alone, before anything of it has come.
        var long = ByteBuffer(bytes: Self.binary(0x21, 0x11, [], length: 4081))
        #expect(throws: ProxyHeaderError.tooLong) { try ProxyHeader.read(from: &long) }
        var line = ByteBuffer(string: "PROXY UNKNOWN " + String(repeating: "x", count: 200))
        #expect(throws: ProxyHeaderError.tooLong) { try ProxyHeader.read(from: &line) }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "P", "PROXX", "\r\n\r\n", "\u{16}\u{3}\u{1}"])
    func whatBeginsOtherwiseIsNone(_ text: String) {
        var buffer = ByteBuffer(string: text)
        let isBeginning = text == "P" || text == "\r\n\r\n"
        do {
            #expect(try ProxyHeader.read(from: &buffer) == nil)
            #expect(isBeginning)
        } catch {
            #expect(error == .noHeader)
            #expect(!isBeginning)
        }
    }

    @Test func anythingElseIsRefusedOrBounded() {
        var generator = SeededGenerator(seed: 5)
        let sound = [
            Self.binary(0x21, 0x11, Self.v4), Self.binary(0x21, 0x21, Self.v6),
            Array("PROXY TCP4 192.0.2.1 198.51.100.7 4711 443\r\n".utf8),
        ]
        for _ in 0..<20_000 {
            var bytes = sound.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            var buffer = ByteBuffer(bytes: bytes)
            // Found, refused, or incomplete; in the last case nothing was taken.
            if let header = try? ProxyHeader.read(from: &buffer) {
                if case .client(let address) = header { #expect(address.ipAddress != nil) }
            } else if (try? ProxyHeader.read(from: &buffer)) == nil {
                #expect(buffer.readableBytes <= bytes.count)
            }
        }
    }
}
