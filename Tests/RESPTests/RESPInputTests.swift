import NIOCore
import RESP
import Testing

@Suite("RESPInput")
struct RESPInputTests {
    private static let message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1000\r\n\(String(repeating: "x", count: 1000))\r\n"

    /// Pieces that never end where a value does, as a busy connection brings them.
    private static func pieces(of text: String, size: Int) -> [ByteBuffer] {
        var rest = ByteBuffer(string: text)
        var pieces: [ByteBuffer] = []
        while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
            pieces.append(ByteBuffer(bytes: piece.readableBytesView))
        }
        return pieces
    }

    @Test(arguments: [1, 7, 1000, 4096])
    func valuesComeWhereverThePiecesEnd(size: Int) throws {
        var input = RESPInput()
        var count = 0
        for piece in Self.pieces(of: String(repeating: Self.message, count: 20), size: size) {
            input.received(piece)
            while let value = try input.next() {
                #expect(value.array?.count == 3)
                count += 1
            }
        }
        #expect(count == 20)
    }

    @Test func whatHasBeenReadIsNotHeld() throws {
        var input = RESPInput()
        var most = 0
        for piece in Self.pieces(of: String(repeating: Self.message, count: 2000), size: 4001) {
            input.received(piece)
            while try input.next() != nil {}
            most = max(most, input.heldBytes)
        }
        #expect(most <= 16384)
    }

    @Test func ofALongArrayOnlyTheValuesAreHeld() throws {
        var input = RESPInput()
        let element = "$1000\r\n\(String(repeating: "x", count: 1000))\r\n"
        var most = 0
        var values: [RESPValue] = []
        for piece in Self.pieces(of: "*2000\r\n" + String(repeating: element, count: 2000), size: 4001) {
            input.received(piece)
            while let value = try input.next() { values.append(value) }
            most = max(most, input.heldBytes)
        }
        #expect(values.first?.array?.count == 2000)
        #expect(most <= 16384)
    }
}
