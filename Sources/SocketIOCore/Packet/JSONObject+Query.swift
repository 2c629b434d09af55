import EngineIOCore
import JSONScan

extension JSONObject {
    /// The parameters of a query as an object of strings; as in JavaScript, the last of a repeated name counts.
    init?(_ query: EngineQuery) {
        let members = query.parameters.map { "\(JSONString.literal($0.name)):\(JSONString.literal($0.value))" }
        try? self.init(Array("{\(members.joined(separator: ","))}".utf8))
    }
}
