import Testing

@testable import SocketIOCore

@Suite("Placeholders")
struct PlaceholdersTests {
    private func numbers(_ json: String) -> [Int: Int?] { Placeholders(Array(json.utf8).span).numbers }

    @Test func theyAreFoundWhereverTheyAre() {
        #expect(numbers(#"["a",{"_placeholder":true,"num":3}]"#) == [5: 3])
        #expect(numbers(#"[{"x":[{ "num" : 1 , "_placeholder" : true }]},{"_placeholder":true,"num":0}]"#) == [7: 1, 47: 0])
        #expect(numbers(#"{"\u005fplaceholder":true,"num":0,"more":[{}]}"#) == [0: 0])
        #expect(numbers(#"{"_placeholder":true,"num":0,"a":{"_placeholder":true,"num":1}}"#) == [0: 0, 33: 1])
    }

    @Test(arguments: [
        #"{"_placeholder":false,"num":0}"#, #"{"_placeholder":"true","num":0}"#, #"{"_placeholder":1,"num":0}"#, #"{"num":0}"#, "[true,0]",
        #"["_placeholder",true,"num",0]"#, #"{"a":"_placeholder","b":true}"#, #"{"_placeholder":{"_placeholder":false}}"#, "true", "[]",
        #"{"_placeholder":true,"_placeholder":false,"num":0}"#, #"{"_placeholder":[true],"num":0}"#,
    ])
    func otherValuesAreNone(_ json: String) {
        #expect(numbers(json).isEmpty)
    }

    @Test(arguments: [
        #"{"_placeholder":true}"#, #"{"_placeholder":true,"num":"0"}"#, #"{"_placeholder":true,"num":0.5}"#,
        #"{"_placeholder":true,"num":-1}"#,
        #"{"_placeholder":true,"num":2}"#, #"{"_placeholder":true,"num":[0]}"#, #"{"_placeholder":true,"num":99999999999999999999}"#,
        #"{"_placeholder":true,"num":0,"num":null}"#,
    ])
    func aNumberThatIsNoAttachmentsIsSeen(_ json: String) {
        let placeholders = Placeholders(Array(json.utf8).span)
        #expect(placeholders.numbers.count == 1)
        #expect(!placeholders.areWithin(2))
    }

    @Test func numbersWithinAreAccepted() {
        #expect(Placeholders(Array(#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1},{}]"#.utf8).span).areWithin(2))
        #expect(Placeholders(Array("[]".utf8).span).areWithin(0))
    }
}
