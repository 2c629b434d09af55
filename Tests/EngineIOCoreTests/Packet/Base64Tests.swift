import EngineIOCore
import Foundation
import NIOCore
import TestSupport
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(arguments: 0...100)
    func agreesWithFoundation(_ length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = Data(bytes).base64EncodedString()

        var encoded = ByteBuffer()
        Base64.encode(ByteBuffer(bytes: bytes), into: &encoded)
        #expect(String(buffer: encoded) == text)
        bytes.withUnsafeBytes { Base64.encode($0, into: &encoded) }
        #expect(String(buffer: encoded) == text + text)

        #expect(Base64.decode(ByteBuffer(string: text)) == ByteBuffer(bytes: bytes))
        let unpadded = text.trimmingCharacters(in: ["="])
        #expect(Base64.decode(ByteBuffer(string: unpadded)) == ByteBuffer(bytes: bytes))
    }

    @Test(arguments: ["A", "A===", "AA=", "AA=A", "A=AA", "=", "====", "AAAA=", "AA A", "AAAA\n"])
    func isNone(_ text: String) {
        #expect(Base64.decode(ByteBuffer(string: text)) == nil)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("\u{FF}\u{3FF}", "w7/Pvw==")])
    func encodesToText(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test func encodingAppends() {
        var output = ByteBuffer(string: "b")
        Base64.encode(ByteBuffer(bytes: [1, 2, 3]), into: &output)
        #expect(String(buffer: output) == "bAQID")
    }

    @Test func onlyTheAlphabetIsAccepted() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            let decoded = Base64.decode(ByteBuffer(bytes: [0x41, byte, 0x41, 0x41]))
            #expect((decoded != nil) == alphabet.contains(byte), "byte \(byte)")
        }
    }
}
