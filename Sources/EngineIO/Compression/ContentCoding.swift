/// How the body of an answer is compressed (RFC 9110, section 8.4.1).
enum ContentCoding: String, CaseIterable {
    case gzip, deflate

    var format: Deflater.Format {
        switch self {
        case .gzip: .gzip
        case .deflate: .zlib
        }
    }

    /// What the values of `Accept-Encoding` like best: by weight, then by name before `*`, then in the client's order, as the reference
    /// server does; `nil` where the answer is to be sent as it is.
    static func preferred(_ values: [String]) -> ContentCoding? {
        let wishes = values.flatMap { $0.split(separator: ",") }.compactMap(Wish.init)
        var best: (coding: ContentCoding, weight: Double, isNamed: Bool, position: Int)?
        for coding in allCases {
            let position = wishes.firstIndex { $0.name == coding.rawValue } ?? wishes.firstIndex { $0.name == "*" }
            guard let position, wishes[position].weight > 0 else { continue }
            let isNamed = wishes[position].name != "*"
            let weight = wishes[position].weight
            if let best, (best.weight, best.isNamed ? 1 : 0, -best.position) >= (weight, isNamed ? 1 : 0, -position) { continue }
            best = (coding, weight, isNamed, position)
        }
        guard let best else { return nil }
        // Only where `identity` is asked for with more weight does it win.
        let identity = wishes.first { $0.name == "identity" }?.weight ?? 0
        return identity > best.weight ? nil : best.coding
    }

    /// One element of the header: a name and its weight.
    private struct Wish {
        let name: String
        let weight: Double

        init?(_ text: Substring) {
            let parts = text.split(separator: ";").map { String($0.filter { $0 != " " && $0 != "\t" }).lowercased() }
            guard let name = parts.first, !name.isEmpty else { return nil }
            self.name = name
            guard let quality = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else {
                weight = 1
                return
            }
            guard let weight = Double(quality.dropFirst(2)), (0...1).contains(weight) else { return nil }
            self.weight = weight
        }
    }
}
