/// The `aud` claim: RFC 7519 allows one name, or an array of names.
public enum Audience: Codable, Hashable, Sendable {
    /// A single name, written as a string.
    case one(String)
    /// Several names, written as an array.
    case several([String])

    /// Reads either form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let name = try? container.decode(String.self) {
            self = .one(name)
        } else {
            self = .several(try container.decode([String].self))
        }
    }

    /// Writes the form it has.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .one(let name): try container.encode(name)
        case .several(let names): try container.encode(names)
        }
    }

    /// Whether the name is among them.
    public func contains(_ name: String) -> Bool {
        switch self {
        case .one(let only): only == name
        case .several(let names): names.contains(name)
        }
    }
}
