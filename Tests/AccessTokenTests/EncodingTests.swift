import Testing

@testable import AccessToken

@Suite struct EncodingTests {
    @Test(arguments: [[], [0], [255, 254], [0, 0, 0], [251, 255, 191, 1]] as [[UInt8]])
    func base64URLGoesBothWays(bytes: [UInt8]) {
        #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
    }

    @Test(arguments: ["A", "AAAAA", "AA==", "AB", "AAB", "A+AA", "A/AA", "AA A", "ÄAAA", "AA\n"])
    func base64URLHasOneSpelling(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
        #expect(Base64URL.decode("AA-_".utf8) == [0, 15, 191])
    }

    @Test(arguments: [
        (#"{"a":1,"b":{"a":1},"c":["a","a"],"d":"a\",\"a"}"#, true),
        (#"{"a":1,"a":1}"#, false),
        (#"{"a":{"b":1},"x":[{}],"a":2}"#, false),
        (#"{"a\"":1}"#, false),
        (#"{ "a" : "b" , "b" : "a" }"#, true),
        (#"{"a":"\\","b":1}"#, true),
        ("", true),
    ])
    func memberNames(json: String, areUnique: Bool) {
        #expect(MemberNames.areUnique(in: Array(json.utf8)) == areUnique)
    }
}
