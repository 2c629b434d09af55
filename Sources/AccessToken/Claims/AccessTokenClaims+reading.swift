import JSONScan

extension AccessTokenClaims {
    /// Reads the payload of a token, as `JSONDecoder` does, without its cost for each connection: `null` is as good as absent, and a claim of
    /// the wrong kind makes the token malformed.
    ///
    /// - Throws: ``AccessTokenError`` of kind `invalid`.
    init(json: [UInt8]) throws(AccessTokenError) {
        let members = try TokenMembers(json, else: "malformed claims")
        self.init(
            subject: try members.string("sub"),
            userID: try members.string("userId"),
            issuer: try members.string("iss"),
            audience: try members.audience("aud"),
            expiresAt: try members.number("exp"),
            issuedAt: try members.number("iat"),
            notBefore: try members.number("nbf"),
            tokenID: try members.string("jti"),
            type: try members.string("type"),
            role: try members.string("role"),
            groups: try members.strings("groups")
        )
    }
}

/// The members of one part of a token, each of which is of one kind, `null` or absent.
struct TokenMembers {
    private let object: JSONObject
    private let reason: String

    /// - Parameter reason: What is said of a part that is no object, or of a member of the wrong kind.
    init(_ json: [UInt8], else reason: String) throws(AccessTokenError) {
        self.reason = reason
        guard String(validating: json, as: UTF8.self) != nil, let object = try? JSONObject(json) else { throw .invalid(reason) }
        self.object = object
    }

    /// Whether the name is there, with whatever value.
    func contains(_ name: String) -> Bool { object[name] != nil }

    func string(_ name: String) throws(AccessTokenError) -> String? { try member(name) { $0.string(name) } }

    func strings(_ name: String) throws(AccessTokenError) -> [String]? { try member(name) { $0.strings(name) } }

    func number(_ name: String) throws(AccessTokenError) -> Double? {
        try member(name) { object in
            guard object[name]?.kind == .number, let text = object.raw(name) else { return nil }
            // One that no double holds is of the wrong kind too.
            return Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
        }
    }

    func audience(_ name: String) throws(AccessTokenError) -> Audience? {
        try member(name) { object in object.string(name).map { .one($0) } ?? object.strings(name).map { .several($0) } }
    }

    private func member<Value>(_ name: String, _ read: (JSONObject) -> Value?) throws(AccessTokenError) -> Value? {
        guard let slice = object[name], slice.kind != .null else { return nil }
        guard let value = read(object) else { throw .invalid(reason) }
        return value
    }
}
