/// A family of namespaces: whoever asks for a name that the family takes gets a namespace of that name, which lasts as long as somebody
/// is in it.
public struct DynamicNamespace: Sendable {
    let takes: @Sendable (_ name: String) -> Bool
    let definition: NamespaceDefinition

    /// A family whose names `takes` accepts; names come with their leading slash and have at most 512 bytes.
    public init(_ definition: NamespaceDefinition, takes: @escaping @Sendable (_ name: String) -> Bool) {
        self.takes = takes
        self.definition = definition
    }
}
