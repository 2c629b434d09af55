/// One step of the decision on who may connect.
struct ConnectMiddleware: Sendable {
    /// Decides on the connection's loop; returns `false` where that needs waiting. `nil` where it always does.
    var atOnce: (@Sendable (inout ConnectRequest) throws -> Bool)?
    /// Decides off the loop, where ``atOnce`` has not.
    var waiting: NamespaceDefinition.Middleware
}

extension [ConnectMiddleware] {
    /// Runs those that decide at once, up to the first that has to wait. Returns that one and those behind it.
    ///
    /// - Throws: The refusal of one of them.
    func runAtOnce(_ request: inout ConnectRequest) throws -> ArraySlice<ConnectMiddleware> {
        for index in indices {
            guard let atOnce = self[index].atOnce, try atOnce(&request) else { return self[index...] }
        }
        return []
    }
}
