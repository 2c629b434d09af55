/// One offer of `permessage-deflate` by a client (RFC 7692, section 7.1).
///
/// What both sides' `no_context_takeover` and the client's window ask for is met anyhow: both sides are told to begin each message anew,
/// and messages with any window can be read.
struct DeflateOffer: Equatable {
    /// The largest window, as a power of 2, that the client wants to keep for the server's messages.
    var serverMaxWindowBits: Int?

    /// Reads the parameters of one offer; `nil` where one of them is unknown, repeated or has a value that it may not have: such an offer
    /// must be declined (section 7).
    init?(_ parameters: [ExtensionParameter]) {
        var seen: Set<String> = []
        for parameter in parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil), ("client_max_window_bits", nil): break
            case ("client_max_window_bits", let value?):
                guard Self.windowBits(value) != nil else { return nil }
            case ("server_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                serverMaxWindowBits = bits
            default: return nil
            }
        }
    }

    /// 8 to 15, without leading zeros.
    private static func windowBits(_ text: String) -> Int? {
        guard let bits = Int(text), String(bits) == text, (8...15).contains(bits) else { return nil }
        return bits
    }
}

/// What client and server have agreed on.
struct DeflateAgreement: Equatable {
    /// The window of the server's messages, as a power of 2: 9 to 15.
    let windowBits: Int
    /// The value of `Sec-WebSocket-Extensions` in the answer.
    let response: String

    /// Accepts the first of the offers in the values of `Sec-WebSocket-Extensions` that can be met; `nil` where there is none.
    init?(offers values: [String], settings: PerMessageDeflate) {
        let offers = values.flatMap(WebSocketExtension.parse).lazy
            .filter { $0.name == "permessage-deflate" }
            .compactMap { DeflateOffer($0.parameters) }
        // zlib makes no raw stream with a window of 256 bytes.
        guard let offer = offers.first(where: { $0.serverMaxWindowBits ?? 15 >= 9 }) else { return nil }
        windowBits = min(offer.serverMaxWindowBits ?? 15, settings.windowBits)
        var response = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        if offer.serverMaxWindowBits != nil || windowBits < 15 { response += "; server_max_window_bits=\(windowBits)" }
        self.response = response
    }
}
