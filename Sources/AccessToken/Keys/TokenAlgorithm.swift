/// The signature algorithms taken. Anything else, `none` before all, is refused before a key is looked for.
package enum TokenAlgorithm: String, Sendable {
    case es256 = "ES256"
    case edDSA = "EdDSA"
    case rs256 = "RS256"
    case hs256 = "HS256"
}
