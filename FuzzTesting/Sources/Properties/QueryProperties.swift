import EngineIOCore

/// Parameters are bounded and survive encoding; a request is only accepted with what it needs.
func checkQuery(_ input: [UInt8]) throws {
    let query = EngineQuery(String(decoding: input, as: UTF8.self))
    try require(query.parameters.count <= EngineQuery.maximumParameters, "\(query.parameters.count) parameters")
    let again = EngineQuery(query.parameters.map { "\(encode($0.name))=\(encode($0.value))" }.joined(separator: "&"))
    let isKept = query.parameters.elementsEqual(again.parameters) { isSame($0.name, $1.name) && isSame($0.value, $1.value) }
    try require(isKept, "\(query.parameters) became \(again.parameters)")
    for (name, _) in query.parameters {
        try require(query[name] == query.parameters.first { $0.name == name }?.value, "not the first \(name)")
    }
    for method in ["GET", "POST", "OPTIONS"] {
        for isUpgrade in [false, true] {
            for transports: Set<TransportKind> in [[.polling, .websocket], [.polling], [.websocket]] {
                try checkRequest(method, query, isUpgrade, transports)
            }
        }
    }
}

private func checkRequest(_ method: String, _ query: EngineQuery, _ isUpgrade: Bool, _ transports: Set<TransportKind>) throws {
    func accepts() -> EngineRequest? {
        try? EngineRequest(method: method, query: query, isWebSocketUpgrade: isUpgrade, transports: transports)
    }
    guard let request = accepts() else { return }
    let asked = query["transport"].flatMap(TransportKind.init(rawValue:))
    let transport = try require(asked, "accepted without a transport")
    try require(transports.contains(transport), "\(transport) is not offered")
    try require(isUpgrade == (transport == .websocket), "\(transport) with upgrade: \(isUpgrade)")
    switch request {
    case .open(let opened):
        try require(
            opened == transport && method == "GET" && query["EIO"] == "4" && (query["sid"] ?? "").isEmpty,
            "opened: \(query.parameters)"
        )
    case .poll(let sid): try require(method == "GET" && transport == .polling && sid.rawValue == query["sid"], "poll of \(sid)")
    case .post(let sid): try require(method == "POST" && transport == .polling && sid.rawValue == query["sid"], "post to \(sid)")
    case .upgrade(let sid): try require(transport == .websocket && sid.rawValue == query["sid"], "upgrade of \(sid)")
    case .unknownMethod(let sid): try require(method == "OPTIONS" && sid.rawValue == query["sid"], "\(method) of \(sid)")
    }
    if let sid = query["sid"], !sid.isEmpty {
        try require(sid.utf8.count == 20 && SessionID(sid).map { (0..<4096).contains($0.loopIndex) } == true, "session id \(sid)")
    }
}

/// Every byte escaped. Written as bytes: characters would take most of the fuzzer's time.
private func encode(_ text: String) -> String {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(3 * text.utf8.count)
    for byte in text.utf8 { escaped += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)] }
    return String(decoding: escaped, as: UTF8.self)
}

private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
