/// A JWT taken apart: three base64url parts, with a header that has been read and nothing that has been believed.
struct CompactToken {
    /// The longest token looked at, in bytes: enough for an RSA signature and some hundred groups.
    static let maximumLength = 8192

    struct Header: Codable {
        var alg: String
        var kid: String?
        var typ: String?
    }

    let header: Header
    let payload: [UInt8]
    let signature: [UInt8]
    /// What was signed: the first two parts with the dot between them.
    let signedBytes: [UInt8]

    init(_ token: String) throws(AccessTokenError) {
        guard token.utf8.count <= Self.maximumLength else { throw .tooLong }
        let bytes = Array(token.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .invalid("not three parts") }
        guard let headerBytes = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .invalid("not base64url") }
        guard !signature.isEmpty else { throw .invalid("no signature") }

        self.header = try Self.readHeader(headerBytes)
        guard MemberNames.areUnique(in: payload) else { throw .invalid("repeated claims") }
        self.payload = payload
        self.signature = signature
        self.signedBytes = Array(bytes[parts[0].startIndex..<parts[1].endIndex])
    }

    private static func readHeader(_ bytes: [UInt8]) throws(AccessTokenError) -> Header {
        guard MemberNames.areUnique(in: bytes) else { throw .invalid("repeated header fields") }
        let members = try TokenMembers(bytes, else: "malformed header")
        // `crit` names extensions that must be understood; none is here. `b64` and `zip` come only with it, or with encrypted tokens.
        guard !members.contains("crit") else { throw .invalid("critical header fields") }
        guard let algorithm = try members.string("alg") else { throw .invalid("malformed header") }
        return Header(alg: algorithm, kid: try members.string("kid"), typ: try members.string("typ"))
    }
}
