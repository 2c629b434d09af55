/// The sockets of one connection. Nearly always that is one, which then costs no array.
struct SocketList: Sequence {
    private var first: Socket?
    private var others: [Socket] = []

    var count: Int { first == nil ? 0 : 1 + others.count }
    var isEmpty: Bool { first == nil }

    /// The one in the namespace of that name.
    func socket(in namespace: String) -> Socket? {
        if let first, first.loop.name == namespace { return first }
        return others.first { $0.loop.name == namespace }
    }

    mutating func append(_ socket: Socket) {
        if first == nil { first = socket } else { others.append(socket) }
    }

    mutating func remove(_ socket: Socket) {
        if first === socket {
            first = others.isEmpty ? nil : others.removeFirst()
        } else {
            others.removeAll { $0 === socket }
        }
    }

    struct Iterator: IteratorProtocol {
        fileprivate let list: SocketList
        fileprivate var position = 0

        mutating func next() -> Socket? {
            defer { position += 1 }
            if position == 0 { return list.first }
            return position <= list.others.count ? list.others[position - 1] : nil
        }
    }

    func makeIterator() -> Iterator { Iterator(list: self) }
}
