import Foundation
import GatewayDomain
import Testing

@Suite("TokenID")
struct TokenIDTests {
    private static let uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"

    @Test func isTheTextThatItWasMadeOf() {
        let ids = [
            Self.uuid, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "", "1", "token-1",
            Self.uuid.uppercased(), "{\(Self.uuid)}", Self.uuid + "0", String(Self.uuid.dropLast()),
            Self.uuid.replacingOccurrences(of: "-", with: ""),
            Self.uuid.replacingOccurrences(of: "-", with: "0"), "-" + Self.uuid.dropFirst(), "0f8fad5bd-9cb-469f-a165-70867728950e",
            Self.uuid.replacingOccurrences(of: "f", with: "g"), "0f8fad5b-d9cb-469f-a165-7086772895é",
        ]
        for id in ids {
            #expect(TokenID(id).rawValue == id)
            #expect("\(TokenID(id))" == id)
        }
        // Different texts are different ids, above all those that mean the same UUID to others.
        #expect(Set(ids.map { TokenID($0) }).count == ids.count)
    }

    @Test func everyDigitCounts() throws {
        var texts: Set<String> = [Self.uuid]
        for (index, old) in Self.uuid.enumerated() where old != "-" {
            for digit in "0123456789abcdef" where digit != old {
                var text = Array(Self.uuid)
                text[index] = digit
                texts.insert(String(text))
            }
        }
        #expect(texts.count == 1 + 32 * 15)
        #expect(Set(texts.map { TokenID($0) }).count == texts.count)
        #expect(texts.allSatisfy { TokenID($0).rawValue == $0 })
    }

    @Test func aUUIDTakesNoMemoryOfItsOwn() {
        for _ in 0..<100 {
            let text = UUID().uuidString.lowercased()
            #expect(TokenID(text).rawValue == text)
        }
        #expect(MemoryLayout<TokenID?>.size <= 17)
    }
}
