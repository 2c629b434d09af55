import EngineIOCore
import Testing

@Suite("EngineQuery")
struct EngineQueryTests {
    @Test func namesAndValuesInOrder() {
        let query = EngineQuery("EIO=4&transport=polling&t=abc")
        #expect(query.parameters.map(\.name) == ["EIO", "transport", "t"])
        #expect(query["transport"] == "polling")
        #expect(query["sid"] == nil)
    }

    @Test(arguments: [
        ("a", "a", ""), ("a=", "a", ""), ("=b", "", "b"), ("a=b=c", "a", "b=c"), ("&&a=1&", "a", "1"), ("a=1&a=2", "a", "1"),
        ("a=x+y", "a", "x y"), ("a=x%20y", "a", "x y"), ("%61=1", "a", "1"), ("a=%C3%a9", "a", "é"), ("a=%26%3D", "a", "&="),
        ("a=%", "a", "%"), ("a=%4", "a", "%4"), ("a=%zz", "a", "%zz"), ("a=%%34", "a", "%4"), ("a=%ff", "a", "\u{FFFD}"),
        ("a=100%", "a", "100%"),
    ])
    func decodesAsTheURLStandardSays(_ text: String, _ name: String, _ value: String) {
        #expect(EngineQuery(text)[name] == value)
    }

    @Test func anEmptyQueryHasNoParameters() {
        #expect(EngineQuery("").parameters.isEmpty)
        #expect(EngineQuery("&&").parameters.isEmpty)
    }

    @Test func at64ParametersItStops() {
        let query = EngineQuery((0..<100).map { "p\($0)=\($0)" }.joined(separator: "&"))
        #expect(query.parameters.count == 64)
        #expect(query["p63"] == "63")
        #expect(query["p64"] == nil)
    }

    @Test func equalityFollowsTheDecodedParameters() {
        #expect(EngineQuery("a=x%20y") == EngineQuery("a=x+y"))
        #expect(EngineQuery("a=1&b=2") != EngineQuery("b=2&a=1"))
        #expect(Set([EngineQuery("a=1"), EngineQuery("%61=1")]).count == 1)
    }
}
